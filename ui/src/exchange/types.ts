// What the exchange's calls give and take.
import type * as B from '../lib/backend/bindings';

export type AnswerStatus = B.AnswerStatus;
export type ExchangeFile = B.Exported;
export type Imported = B.Imported;
export type LineAnswer = B.LineAnswer;
export type AnswerView = B.AnswerView;
export type DenialView = B.DenialView;
export type Underpayment = B.Underpayment;
export type PaperForm = B.Form;

export interface ExchangeBackend {
  /** Claims that are approved and not sent yet. */
  approved(): Promise<string[]>;
  send(claims: string[]): Promise<ExchangeFile[]>;
  files(): Promise<ExchangeFile[]>;
  /** Tries what waits again; all files, those that still wait with the reason. */
  deliver(): Promise<ExchangeFile[]>;
  /** Native dialog for files of answers. */
  pick(): Promise<string[]>;
  /** Takes a 999, 277CA or 835 in, all of it or nothing. */
  take(file: string): Promise<Imported>;
  answers(claimId: string): Promise<AnswerView[]>;
  denials(all: boolean): Promise<DenialView[]>;
  closeDenial(id: string): Promise<void>;
  underpayments(): Promise<Underpayment[]>;
  paper(claimId: string): Promise<PaperForm>;
  /** Saves the form as PDF where a person chooses; null when the dialog is closed. Tenths of a millimetre. */
  savePaper(claimId: string, preprinted: boolean, right: number, up: number): Promise<string | null>;
}
