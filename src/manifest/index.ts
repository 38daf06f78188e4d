/**
 * The only place that decides what a member receives: template + cluster + overrides + what the member owns. Syncing,
 * rehearsing, releasing and undoing all call it; everything here is pure and returns a plan that can be printed.
 */
export type {
  ApplyMode,
  EffectiveResolution,
  GuardFinding,
  GuardMode,
  MergeRules,
  Ownership,
  RenderInput,
  WriteInput,
  WritePlan,
} from "./contract.ts";
