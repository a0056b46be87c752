// Master data as the engine gives and takes it (docs/master-data.md).
import type * as B from './bindings';

export type MasterKind = B.MasterKind;
export type MasterRecord = B.MasterView;
export type SavedMaster = B.SavedMaster;
export type MasterDouble = B.Double;
