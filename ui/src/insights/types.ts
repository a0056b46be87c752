// Insights as they cross from the engine to the page.
import type * as B from '../lib/backend/bindings';

export type Share = B.Share;
export type Insights = B.Insights;
