/** Admission that is built in: what Karmada does by webhooks. */
export { type KarmadaAdmissionDeps, karmadaAdmission } from "./karmada.ts";
