/**
 * The only place that decides what a member receives: template + cluster + overrides + what the member owns. Syncing,
 * rehearsing, releasing and undoing all call it; everything here is pure and returns a plan that can be printed.
 */
export type {
  ApplyMode,
  DeletePlan,
  EffectiveResolution,
  GuardFinding,
  GuardMode,
  MergeRules,
  Ownership,
  ReleasePlan,
  Rendered,
  RenderInput,
  WriteInput,
  WritePlan,
} from "./contract.ts";
export { canonicalJson, contentFingerprint, fingerprint, hashText } from "./fingerprint.ts";
export { applyModeOf, findingText, guardModeOf, guardWarning } from "./guard.ts";
export { ownershipOf } from "./ownership.ts";
export { planDelete, planRelease } from "./release.ts";
export { effectiveConflictResolution, renderManifest } from "./render.ts";
export { isServerOwned } from "./server-owned.ts";
export { manifestStatusOf } from "./status.ts";
export { planUndo } from "./undo.ts";
export { nativeRules, planWrite } from "./write-plan.ts";
