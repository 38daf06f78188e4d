/** migration.drover.io/v1alpha1: the ledger of member objects. */
export { migrationResources } from "./schema.ts";
export type * from "./types.ts";
