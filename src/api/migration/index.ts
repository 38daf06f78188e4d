/** migration.drover.io/v1alpha1: the ledger of member objects. */
export type * from "./types.ts";
