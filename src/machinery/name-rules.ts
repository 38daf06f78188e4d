/** What is wrong with a name, in the words of Kubernetes; nothing for a valid one. */
export type NameRule = (name: string) => readonly string[];

const qualified = "[A-Za-z0-9]";
const regexPart = (example: string, expression: string): string =>
  `(e.g. ${example}, regex used for validation is '${expression}')`;

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const label1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const namePart = `(${qualified}[-A-Za-z0-9_.]*)?${qualified}`;

function rule(expression: string, max: number, message: string, unit = "characters"): NameRule {
  const pattern = new RegExp(`^${expression}$`);
  return (name) => [
    ...(name.length > max ? [`must be no more than ${max} ${unit}`] : []),
    ...(pattern.test(name) ? [] : [message]),
  ];
}

export const dns1123LabelProblems = rule(
  label,
  63,
  `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character ${regexPart("'my-name',  or '123-abc'", label)}`,
);
export const dns1123SubdomainProblems = rule(
  subdomain,
  253,
  `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character ${regexPart("'example.com'", subdomain)}`,
);
export const dns1035LabelProblems = rule(
  label1035,
  63,
  `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character ${regexPart("'my-name',  or 'abc-123'", label1035)}`,
);

const namePartText = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character ${regexPart("'MyName',  or 'my.name',  or '123-abc'", namePart)}`;
const namePartProblems = rule(namePart, 63, namePartText, "bytes");

/** Values of labels; the empty one is valid. */
export const labelValueProblems = rule(
  `(${namePart})?`,
  63,
  `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character ${regexPart("'MyValue',  or 'my_value',  or '12345'", `(${namePart})?`)}`,
  "bytes",
);

/** Keys of labels, annotations and taints: `name` or `example.com/name`. */
export const qualifiedNameProblems: NameRule = (name) => {
  const parts = name.split("/");
  if (parts.length > 2) {
    return [
      `a valid label key ${namePartText} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const prefix = parts.length === 2 ? (parts[0] ?? "") : undefined;
  const last = parts.at(-1) ?? "";
  return [
    ...(prefix === "" ? ["prefix part must be non-empty"] : []),
    ...(prefix === undefined || prefix === ""
      ? []
      : dns1123SubdomainProblems(prefix).map((text) => `prefix part ${text}`)),
    ...(last === "" ? ["name part must be non-empty"] : []),
    ...namePartProblems(last).map((text) => `name part ${text}`),
  ];
};
