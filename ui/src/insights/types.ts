// Insights as they cross from the engine to the page.
export interface Share {
  of: number;
  are: number;
  stretches: { from: string; of: number; are: number }[];
}

export interface Insights {
  from: string;
  to: string;
  by: 'week' | 'month';
  sent: number;
  clean: Share;
  denials: { reason: string; says: string; concern: string; count: number; amount: string }[];
  agreement: Share;
  corrections: number;
  waiting: {
    approved: number;
    medianMinutes: number | null;
    mostMinutes: number | null;
    stretches: { from: string; approved: number; medianMinutes: number | null }[];
  };
  atRisk: { risk: number; count: number; charge: string }[];
  openDenials: [number, string];
}
