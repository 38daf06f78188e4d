/** The hub's own certificate authority, and the certificates it needs at once. */
export { type Certificates, ensurePki, type PkiOptions } from "./pki.ts";
