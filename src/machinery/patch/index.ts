/**
 * JSON patch, JSON merge patch and strategic merge patch, as a Kubernetes API server applies them. Pure: the document is
 * never changed, and the answer shares the branches that the patch left alone. Errors are the StatusErrors that the server
 * answers with. Integers may be bigint.
 */
export { deepEqual } from "./equal.ts";
export { applyJsonPatch, type JsonPatchOperation } from "./json-patch.ts";
export { applyMergePatch, createMergePatch } from "./merge-patch.ts";
export { applyStrategicMergePatch, type PatchSchema } from "./strategic.ts";
