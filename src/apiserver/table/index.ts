/** Server-side tables: what `kubectl get` prints of each kind. */
export { columnsFor, type KindColumns } from "./columns.ts";
export { ageOf, humanDuration } from "./duration.ts";
