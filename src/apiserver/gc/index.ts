/** Deletes what its owners left behind, and lets owners wait for their dependents or let them go. */
export { collectGarbage } from "./collector.ts";
