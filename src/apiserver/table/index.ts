/** Server-side tables: what `kubectl get` prints of each kind, and the tools for columns of custom kinds. */
export { columnsFor, scaleColumns } from "./columns.ts";
export { ageOf, humanDuration } from "./duration.ts";
export { jsonPath } from "./json-path.ts";
