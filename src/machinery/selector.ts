import { badRequest } from "./status-error.ts";

export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** metav1.LabelSelector */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

type Labels = Readonly<Record<string, string>> | undefined;

/** One requirement of a parsed selector. `Gt` and `Lt` compare integers. */
export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  readonly values: readonly string[];
}

const operators = new Set(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]);

/** Requirements of a LabelSelector object. @throws StatusError 400 for an operator that does not exist. */
export function requirementsOf(selector: LabelSelector): readonly Requirement[] {
  const exact = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]): Requirement => ({ key, operator: "In", values: [value] }),
  );
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }): Requirement => {
    if (!operators.has(operator)) throw badRequest(`"${operator}" is not a valid label selector operator`);
    return { key, operator: operator as Requirement["operator"], values };
  });
  return [...exact, ...expressions];
}

function matchesOne({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default: {
      const [left, right] = [Number(value), Number(values[0])];
      if (value === undefined || !Number.isInteger(left) || !Number.isInteger(right)) return false;
      return operator === "Gt" ? left > right : left < right;
    }
  }
}

export function matchesRequirements(requirements: readonly Requirement[], labels: Labels): boolean {
  return requirements.every((requirement) => matchesOne(requirement, labels));
}

/** An empty selector matches everything. */
export function matchesLabelSelector(selector: LabelSelector, labels: Labels): boolean {
  return matchesRequirements(requirementsOf(selector), labels);
}

/** One term of a field selector; a field path such as `metadata.name`. */
export interface FieldRequirement {
  readonly path: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

/** The grammar of `?fieldSelector=`: `metadata.name=a,status.phase!=Running`; a backslash escapes `,`, `=` and itself. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  if (text.trim() === "") return [];
  const malformed = /\\([^\\,=])/.exec(text);
  if (malformed !== null) throw badRequest(`invalid field selector: invalid escape sequence: \\${malformed[1]}`);
  const terms = text.match(/(?:\\.|[^\\,])+/g) ?? [];
  return terms.map((term) => {
    const match = /^\s*([^=!\s]+)\s*(==|!=|=)((?:\\.|[^\\])*)$/.exec(term);
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const value = (match[3] ?? "").trim().replace(/\\(.)/g, "$1");
    return { path: match[1] ?? "", operator: match[2] === "!=" ? "!=" : "=", value };
  });
}
