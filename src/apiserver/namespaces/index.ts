/** The life of a namespace: what is there from the start, and how one that is deleted empties itself. */
export { emptyNamespaces, ensureNamespaces } from "./lifecycle.ts";
