/** What JSON.parse does not tell: fields given twice, and nesting beyond what recursion over it can bear. */
export interface ScanResult {
  readonly duplicates: readonly string[];
  /** The bracket at which the depth was exceeded. */
  readonly tooDeepAt: "{" | "[" | undefined;
}

/** Go's decoder stops at 10,000; walking that deep would exhaust the stack. Real objects stay below 100. */
const maximumDepth = 2_000;

interface Frame {
  readonly path: string;
  /** Keys of an object; undefined for a list. */
  readonly keys: Set<string> | undefined;
  /** The key whose value comes next. */
  key: string;
  index: number;
  expectKey: boolean;
}

/** One pass over JSON text; malformed text is left to the parser to refuse. */
export function scanJson(text: string): ScanResult {
  const duplicates = new Set<string>();
  const stack: Frame[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') at = passString(text, at, { frame: stack.at(-1), duplicates });
    else if (char === "{" || char === "[") {
      if (stack.length === maximumDepth) return { duplicates: [...duplicates], tooDeepAt: char };
      stack.push(frameFor(char, stack.at(-1)));
    } else if (char === "}" || char === "]") stack.pop();
    else if (char === ",") nextItem(stack.at(-1));
  }
  return { duplicates: [...duplicates], tooDeepAt: undefined };
}

/** @returns where the string ends. */
function passString(
  text: string,
  start: number,
  { frame, duplicates }: { readonly frame: Frame | undefined; readonly duplicates: Set<string> },
): number {
  const end = endOfString(text, start);
  if (frame?.expectKey === true) takeKey(frame, text.slice(start + 1, end), duplicates);
  return end;
}

function nextItem(frame: Frame | undefined): void {
  if (frame === undefined) return;
  frame.index += 1;
  frame.expectKey = frame.keys !== undefined;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (text[quote - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return quote;
    at = quote + 1;
  }
}

function takeKey(frame: Frame, raw: string, duplicates: Set<string>): void {
  frame.expectKey = false;
  frame.key = raw;
  if (frame.keys?.has(raw)) duplicates.add(frame.path === "" ? raw : `${frame.path}.${raw}`);
  frame.keys?.add(raw);
}

function frameFor(char: "{" | "[", parent: Frame | undefined): Frame {
  const object = char === "{";
  return {
    path: parent === undefined ? "" : childPath(parent),
    keys: object ? new Set() : undefined,
    key: "",
    index: 0,
    expectKey: object,
  };
}

function childPath(parent: Frame): string {
  if (parent.keys === undefined) return `${parent.path}[${parent.index}]`;
  return parent.path === "" ? parent.key : `${parent.path}.${parent.key}`;
}
