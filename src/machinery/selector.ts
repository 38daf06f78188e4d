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

const labelKey = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

const malformed = (text: string, why: string) =>
  badRequest(`unable to parse requirement: ${why} in selector "${text}"`);

/** Splits at commas that are outside parentheses. */
function splitTerms(text: string): readonly string[] {
  const terms: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (depth < 0 || depth > 1) throw malformed(text, "unbalanced parentheses");
    if (char === "," && depth === 0) {
      terms.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (depth !== 0) throw malformed(text, "unbalanced parentheses");
  return [...terms, text.slice(start)].map((term) => term.trim());
}

function parseTerm(term: string): Requirement {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(term);
  if (set !== null) {
    const values = (set[3] ?? "").split(",").map((value) => value.trim());
    return { key: set[1] ?? "", operator: set[2] === "in" ? "In" : "NotIn", values };
  }
  const compared = /^([^\s!=<>]+)\s*(==|!=|=|>|<)\s*(\S*)$/.exec(term);
  if (compared !== null) {
    const names = { "=": "In", "==": "In", "!=": "NotIn", ">": "Gt", "<": "Lt" } as const;
    const operator = names[compared[2] as keyof typeof names];
    return { key: compared[1] ?? "", operator, values: [compared[3] ?? ""] };
  }
  if (term.startsWith("!")) return { key: term.slice(1).trim(), operator: "DoesNotExist", values: [] };
  return { key: term, operator: "Exists", values: [] };
}

/**
 * The grammar of `?labelSelector=`: `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>1`.
 *
 * @throws StatusError 400 naming what is wrong.
 */
export function parseLabelSelector(text: string): readonly Requirement[] {
  if (text.trim() === "") return [];
  return splitTerms(text).map((term) => {
    const requirement = parseTerm(term);
    if (!labelKey.test(requirement.key)) throw malformed(text, `invalid label key "${requirement.key}"`);
    const bad = requirement.values.find((value) => !labelValue.test(value));
    if (bad !== undefined) throw malformed(text, `invalid label value "${bad}"`);
    return requirement;
  });
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
  const terms = text.match(/(?:\\.|[^\\,])+/g) ?? [];
  return terms.map((term) => {
    const match = /^\s*([^=!\s]+)\s*(==|!=|=)((?:\\.|[^\\])*)$/.exec(term);
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const value = (match[3] ?? "").trim().replace(/\\(.)/g, "$1");
    return { path: match[1] ?? "", operator: match[2] === "!=" ? "!=" : "=", value };
  });
}
