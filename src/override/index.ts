/** Per-cluster changes of a template: image, command, args, labels, annotations, parts of a text field, plain JSON patch. */
export {
  type AppliedOverride,
  applyOverrides,
  type OverrideInput,
  type OverrideResult,
  overrideConcerns,
} from "./apply.ts";
