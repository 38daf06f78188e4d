import type { StatusCause } from "#machinery";
import type { ResourceDefinition } from "../kinds/definition.ts";

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const label1035Text =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const label1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

export type NameRule = NonNullable<ResourceDefinition["nameRule"]>;

/** How long a name may be; generated ones are cut to it. */
export const nameLimit = (rule: NameRule): number => (rule === "label" || rule === "label1035" ? 63 : 253);

/** What is wrong with a name, in Kubernetes' words. */
export function nameProblems(rule: NameRule, name: string): readonly string[] {
  if (rule === "path") return pathProblems(name);
  const tooLong = name.length > nameLimit(rule) ? [`must be no more than ${nameLimit(rule)} characters`] : [];
  if (rule === "subdomain") return subdomain.test(name) ? tooLong : [...tooLong, subdomainText];
  if (rule === "label1035") return label1035.test(name) ? tooLong : [...tooLong, label1035Text];
  if (label.test(name)) return tooLong;
  return [...tooLong, name.includes(".") && subdomain.test(name) ? "must not contain dots" : labelText];
}

function pathProblems(name: string): readonly string[] {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
}

export const isSubdomain = (text: string): boolean => text.length <= 253 && subdomain.test(text);
export { subdomainText };

const namePart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const namePartText =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** What is wrong with a label or annotation key, or a finalizer. */
export function qualifiedNameProblems(key: string): readonly string[] {
  const parts = key.split("/");
  if (parts.length > 2) {
    const text = namePartText.replace("name part must consist", "a qualified name must consist");
    return [`${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const [prefix, name = ""] = parts.length === 2 ? parts : [undefined, parts[0]];
  const problems: string[] = [];
  if (prefix === "") problems.push("prefix part must be non-empty");
  else if (prefix !== undefined && !isSubdomain(prefix)) problems.push(`prefix part ${subdomainText}`);
  if (name === "") problems.push("name part must be non-empty");
  else if (name.length > 63) problems.push("name part must be no more than 63 bytes");
  if (!namePart.test(name)) problems.push(namePartText);
  return problems;
}

const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

export function labelValueProblems(value: string): readonly string[] {
  const tooLong = value.length > 63 ? ["must be no more than 63 bytes"] : [];
  return labelValue.test(value) ? tooLong : [...tooLong, labelValueText];
}

export const invalidValue = (field: string, value: unknown, detail: string): StatusCause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${typeof value === "string" ? JSON.stringify(value) : String(value)}: ${detail}`,
  field,
});
