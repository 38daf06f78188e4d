import { CliError } from "../failure.ts";

/** One step of a path. */
export type Step =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "deep"; readonly name: string }
  | { readonly kind: "every" }
  | { readonly kind: "index"; readonly at: number }
  | { readonly kind: "slice"; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: "filter"; readonly left: readonly Step[]; readonly test?: Comparison };

type Operator = "==" | "!=" | "<=" | ">=" | "<" | ">";

export interface Comparison {
  readonly operator: Operator;
  readonly right: string | number | boolean | readonly Step[];
}

/** A template: text, paths, and `{range}` blocks. */
export type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "path"; readonly steps: readonly Step[] }
  | { readonly kind: "range"; readonly steps: readonly Step[]; readonly body: readonly Part[] };

const bad = (text: string, why: string): CliError => new CliError(`jsonpath ${JSON.stringify(text)}: ${why}`);

/** Parses kubectl's JSONPath template: `{.metadata.name}{"\n"}`, `{range .items[*]}...{end}`. */
export function parseTemplate(text: string): readonly Part[] {
  const open: { readonly steps: readonly Step[]; readonly body: Part[] }[] = [{ steps: [], body: [] }];
  for (const piece of splitBraces(text)) {
    const body = open.at(-1)?.body ?? [];
    if (!piece.code) body.push({ kind: "text", text: piece.text });
    else if (piece.text === "end") closeRange(text, open);
    else if (/^range\s/.test(piece.text)) open.push({ steps: parsePath(piece.text.slice(5).trim()), body: [] });
    else body.push(...parseCode(piece.text));
  }
  if (open.length !== 1) throw bad(text, "{range} without {end}");
  return open[0]?.body ?? [];
}

function closeRange(text: string, open: { readonly steps: readonly Step[]; readonly body: Part[] }[]): void {
  const done = open.pop();
  const outer = open.at(-1);
  if (done === undefined || outer === undefined) throw bad(text, "{end} without {range}");
  outer.body.push({ kind: "range", steps: done.steps, body: done.body });
}

function splitBraces(text: string): readonly { readonly code: boolean; readonly text: string }[] {
  const pieces: { code: boolean; text: string }[] = [];
  const pattern = /\{((?:[^{}"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*)\}|([^{]+)|(\{)/g;
  for (const [, code, plain, broken] of text.matchAll(pattern)) {
    if (broken !== undefined) throw bad(text, "a brace is not closed");
    if (code !== undefined) pieces.push({ code: true, text: code.trim() });
    else pieces.push({ code: false, text: plain ?? "" });
  }
  return pieces;
}

/** What stands between braces: a literal or one or more paths. */
function parseCode(code: string): readonly Part[] {
  const literal = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')$/.exec(code);
  if (literal !== null) return [{ kind: "text", text: unescaped(literal[1] ?? literal[2] ?? "") }];
  return [{ kind: "path", steps: parsePath(code) }];
}

function unescaped(text: string): string {
  const known: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
  return text.replace(/\\(.)/g, (_all, letter: string) => known[letter] ?? letter);
}

const stepPatterns: readonly (readonly [RegExp, (match: RegExpExecArray) => readonly Step[]])[] = [
  [/^[$@]/, () => []],
  [/^\.\.\*/, () => [{ kind: "deep", name: "*" }]],
  [/^\.\.((?:[\w/-]|\\.)+)/, (match) => [{ kind: "deep", name: plain(match[1]) }]],
  [/^\.?\[\*\]|^\.\*/, () => [{ kind: "every" }]],
  [/^\.?\[(-?\d+)\]/, (match) => [{ kind: "index", at: Number(match[1]) }]],
  [/^\.?\[(-?\d*):(-?\d*)\]/, (match) => [{ kind: "slice", from: optional(match[1]), to: optional(match[2]) }]],
  [/^\.?\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\]/, (match) => [fieldStep(match[1] ?? match[2])]],
  [/^\.?\[\?\(\s*((?:[^()"']|"[^"]*"|'[^']*')*?)\s*\)\]/, (match) => [filterStep(match[1] ?? "")]],
  [/^\.((?:[^.[\]\\\s{}()=!<>]|\\.)+)/, (match) => [fieldStep(match[1])]],
  [/^\.$/, () => []],
];

const plain = (name: string | undefined): string => (name ?? "").replace(/\\(.)/g, "$1");
const fieldStep = (name: string | undefined): Step => ({ kind: "field", name: plain(name) });
const optional = (digits: string | undefined): number | undefined =>
  digits === undefined || digits === "" ? undefined : Number(digits);

/** Parses one path. A leading dot may be missing, as in custom columns. */
export function parsePath(text: string): readonly Step[] {
  const steps: Step[] = [];
  let rest = /^[.[$@]/.test(text) ? text : `.${text}`;
  while (rest !== "") {
    const found = firstStep(rest);
    if (found === undefined) throw bad(text, `cannot read ${JSON.stringify(rest)}`);
    steps.push(...found.steps);
    rest = rest.slice(found.length);
  }
  return steps;
}

function firstStep(rest: string): { readonly steps: readonly Step[]; readonly length: number } | undefined {
  for (const [pattern, build] of stepPatterns) {
    const match = pattern.exec(rest);
    if (match !== null) return { steps: build(match), length: match[0].length };
  }
  return undefined;
}

function filterStep(text: string): Step {
  const parts = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/.exec(text);
  if (parts === null) return { kind: "filter", left: parsePath(text) };
  const test: Comparison = { operator: parts[2] as Operator, right: rightSide(parts[3] ?? "") };
  return { kind: "filter", left: parsePath(parts[1] ?? ""), test };
}

function rightSide(text: string): Comparison["right"] {
  const quoted = /^(?:"(.*)"|'(.*)')$/.exec(text);
  if (quoted !== null) return unescaped(quoted[1] ?? quoted[2] ?? "");
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : parsePath(text);
}
