import { dns1035LabelProblems, dns1123LabelProblems, dns1123SubdomainProblems, type StatusCause } from "#machinery";
import type { ResourceDefinition } from "../kinds/definition.ts";

export type NameRule = NonNullable<ResourceDefinition["nameRule"]>;

/** How long a name may be; generated ones are cut to it. */
export const nameLimit = (rule: NameRule): number => (rule === "label" || rule === "label1035" ? 63 : 253);

/** What is wrong with a name, in Kubernetes' words. */
export function nameProblems(rule: NameRule, name: string): readonly string[] {
  if (rule === "path") return pathProblems(name);
  if (rule === "subdomain") return dns1123SubdomainProblems(name);
  if (rule === "label1035") return dns1035LabelProblems(name);
  const dotted = name.includes(".") && dns1123SubdomainProblems(name).length === 0;
  return dotted ? ["must not contain dots"] : dns1123LabelProblems(name);
}

function pathProblems(name: string): readonly string[] {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
}

export const invalidValue = (field: string, value: unknown, detail: string): StatusCause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${typeof value === "string" ? JSON.stringify(value) : String(value)}: ${detail}`,
  field,
});
