import { labelValueProblems, qualifiedNameProblems } from "./name-rules.ts";
import type { Requirement } from "./selector.ts";
import { badRequest, type StatusError } from "./status-error.ts";

const exactOperators = { "=": "In", "==": "In", "!=": "NotIn", ">": "Gt", "<": "Lt" } as const;
const setOperators = { in: "In", notin: "NotIn" } as const;
const special = new Set(["(", ")", ",", "!", "=", "==", "!=", ">", "<"]);

/**
 * The grammar of `?labelSelector=`: `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>1`.
 *
 * @throws StatusError 400 in Kubernetes' words.
 */
export function parseLabelSelector(text: string): readonly Requirement[] {
  const tokens = new Tokens(text);
  const requirements: Requirement[] = [];
  if (tokens.peek() === "") return requirements;
  if (!tokens.beginsRequirement())
    throw badRequest(`found '${tokens.peek()}', expected: !, identifier, or 'end of string'`);
  for (;;) {
    requirements.push(parseRequirement(tokens));
    const next = tokens.take();
    if (next === "") return requirements;
    if (next !== ",") throw badRequest(`found '${next}', expected: ',' or 'end of string'`);
    if (!tokens.beginsRequirement()) throw badRequest(`found '${tokens.peek()}', expected: identifier after ','`);
  }
}

/** Words and signs; the empty text is the end. */
class Tokens {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(/==|!=|[()!=<>,]|[^\s()!=<>,]+/g) ?? [];
  }

  peek(): string {
    return this.#tokens[this.#at] ?? "";
  }

  take(): string {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  beginsRequirement(): boolean {
    return this.peek() === "!" || isWord(this.peek());
  }
}

const isWord = (token: string): boolean => token !== "" && !special.has(token);
const unparsable = (why: string): StatusError => badRequest(`unable to parse requirement: ${why}`);

function parseRequirement(tokens: Tokens): Requirement {
  const absent = tokens.peek() === "!";
  if (absent) tokens.take();
  const key = tokens.take();
  if (!isWord(key)) throw unparsable(`found '${key}', expected: identifier`);
  const [problem] = qualifiedNameProblems(key);
  if (problem !== undefined) throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problem}`);
  if (absent) return { key, operator: "DoesNotExist", values: [] };
  const next = tokens.peek();
  if (next === "" || next === ",") return { key, operator: "Exists", values: [] };
  return checked(withValues(key, tokens));
}

function withValues(key: string, tokens: Tokens): Requirement {
  const sign = tokens.take();
  if (sign in setOperators) {
    return { key, operator: setOperators[sign as keyof typeof setOperators], values: parseSet(tokens) };
  }
  if (!(sign in exactOperators)) throw unparsable(`found '${sign}', expected: in, notin, =, ==, !=, gt, lt`);
  return { key, operator: exactOperators[sign as keyof typeof exactOperators], values: [parseExact(tokens)] };
}

function parseExact(tokens: Tokens): string {
  if (tokens.peek() === "" || tokens.peek() === ",") return "";
  const value = tokens.take();
  if (!isWord(value)) throw unparsable(`found '${value}', expected: identifier`);
  return value;
}

/** `(a,b)`; between two commas, or beside a parenthesis, stands the empty value. */
function parseSet(tokens: Tokens): readonly string[] {
  const open = tokens.take();
  if (open !== "(") throw unparsable(`found '${open}' expected: '('`);
  const values = new Set<string>();
  for (;;) {
    const word = isWord(tokens.peek());
    values.add(word ? tokens.take() : "");
    const next = tokens.take();
    if (next === ")") return [...values];
    if (next !== ",") throw unparsable(`found '${next}', expected: ${word ? "',' or ')'" : "',', ')' or identifier"}`);
  }
}

function checked(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement;
  for (const [index, value] of values.entries()) {
    if ((operator === "Gt" || operator === "Lt") && !/^[+-]?\d+$/.test(value)) {
      const why = "for 'Gt', 'Lt' operators, the value must be an integer";
      throw unparsable(`values[${index}]: Invalid value: ${JSON.stringify(value)}: ${why}`);
    }
    const [problem] = labelValueProblems(value);
    if (problem !== undefined)
      throw unparsable(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${problem}`);
  }
  return requirement;
}
