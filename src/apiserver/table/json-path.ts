import { isJsonObject } from "#base";

/** One step of a path: every node it is given leads to none, one or many. */
type Step = (node: unknown) => readonly unknown[];

/**
 * Compiles the part of kubectl's JSON path language that printer columns use: `.spec.size`, `.a['b.c']`, `.a\.b`, `.list[0]`, `[-1]`,
 * `[1:3]`, `[*]`, `..name` and `[?(@.type=="Ready")]` with ==, !=, <, <=, > and >=. The function finds the values in an object.
 *
 * @throws SyntaxError where the path is not understood.
 */
export function jsonPath(path: string): (object: unknown) => readonly unknown[] {
  const steps = stepsOf(
    path
      .trim()
      .replace(/^\{(.*)\}$/s, "$1")
      .replace(/^\$/, ""),
  );
  return (object) => steps.reduce<readonly unknown[]>((nodes, step) => nodes.flatMap(step), [object]);
}

function stepsOf(path: string): readonly Step[] {
  const steps: Step[] = [];
  let rest = path;
  while (rest !== "") {
    const [step, length] = firstStep(rest);
    steps.push(step);
    rest = rest.slice(length);
  }
  return steps;
}

function firstStep(text: string): readonly [Step, number] {
  const recursive = /^\.\.((?:\\.|[^.[\]\\])+)/s.exec(text);
  if (recursive?.[1]) return [descendants(unescaped(recursive[1])), recursive[0].length];
  if (text.startsWith(".*")) return [allChildren, 2];
  const name = /^\.?((?:\\.|[^.[\]\\])+)/s.exec(text);
  if (name?.[1]) return [child(unescaped(name[1])), name[0].length];
  if (text.startsWith("[") || text.startsWith(".[")) {
    const start = text.indexOf("[");
    const end = closingBracket(text, start);
    return [bracketStep(text.slice(start + 1, end).trim()), end + 1];
  }
  if (text === ".") return [(node) => [node], 1];
  throw new SyntaxError(`JSON path not understood at ${JSON.stringify(text)}`);
}

const unescaped = (name: string): string => name.replaceAll(/\\(.)/gs, "$1");

/** The bracket that closes the one at `start`; brackets inside quotes and filters do not count. */
function closingBracket(text: string, start: number): number {
  let depth = 0;
  let quote = "";
  for (let index = start; index < text.length; index++) {
    const letter = text.charAt(index);
    if (quote !== "") quote = letter === quote ? "" : quote;
    else if (letter === "'" || letter === '"') quote = letter;
    else if (letter === "[") depth++;
    else if (letter === "]" && --depth === 0) return index;
  }
  throw new SyntaxError(`JSON path has an open bracket: ${JSON.stringify(text)}`);
}

function bracketStep(inner: string): Step {
  if (inner === "*") return allChildren;
  const filter = /^\?\((.*)\)$/s.exec(inner);
  if (filter?.[1] !== undefined) return filterStep(filter[1].trim());
  const quoted = /^'(.*)'$/s.exec(inner) ?? /^"(.*)"$/s.exec(inner);
  if (quoted?.[1] !== undefined) return child(quoted[1]);
  if (/^-?\d+$/.test(inner)) return (node) => (Array.isArray(node) ? node.slice(Number(inner)).slice(0, 1) : []);
  const slice = /^(-?\d*):(-?\d*)$/.exec(inner);
  if (slice) {
    const [from, to] = [slice[1], slice[2]].map((text) => (text === "" ? undefined : Number(text)));
    return (node) => (Array.isArray(node) ? node.slice(from, to) : []);
  }
  throw new SyntaxError(`JSON path not understood: [${inner}]`);
}

const child =
  (name: string): Step =>
  (node) =>
    isJsonObject(node) && Object.hasOwn(node, name) ? [node[name]] : [];

const allChildren: Step = (node) => (typeof node === "object" && node !== null ? Object.values(node) : []);

const descendants =
  (name: string): Step =>
  (node) => [...child(name)(node), ...allChildren(node).flatMap(descendants(name))];

const comparisons: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => Number(a) < Number(b),
  "<=": (a, b) => Number(a) <= Number(b),
  ">": (a, b) => Number(a) > Number(b),
  ">=": (a, b) => Number(a) >= Number(b),
};

function filterStep(condition: string): Step {
  const parts = /^@(.*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.*))?$/s.exec(condition);
  if (!parts) throw new SyntaxError(`JSON path filter not understood: ${condition}`);
  const find = jsonPath(parts[1] ?? "");
  const compare = parts[2] === undefined ? undefined : comparisons[parts[2]];
  const operand = literal(parts[3] ?? "");
  const holds = (item: unknown): boolean => {
    const [value] = find(item);
    return compare === undefined ? value !== undefined : value !== undefined && compare(value, operand);
  };
  return (node) => allChildren(node).filter(holds);
}

function literal(text: string): unknown {
  const quoted = /^'(.*)'$/s.exec(text) ?? /^"(.*)"$/s.exec(text);
  if (quoted?.[1] !== undefined) return quoted[1];
  if (text === "true" || text === "false") return text === "true";
  return Number.isNaN(Number(text)) || text === "" ? text : Number(text);
}
