import { isJsonObject } from "#base";
import { encodeJson } from "#machinery";

/** The object as kubectl prints it: without managedFields unless asked for. */
export function withoutManagedFields<T>(object: T): T {
  if (!isJsonObject(object)) return object;
  const items = object.items;
  if (Array.isArray(items)) return { ...object, items: items.map(withoutManagedFields) };
  const metadata = object.metadata;
  if (!isJsonObject(metadata) || metadata.managedFields === undefined) return object;
  const { managedFields: _left, ...rest } = metadata;
  return { ...object, metadata: rest };
}

/** JSON with four spaces, every digit of long integers kept. */
export function toJsonText(value: unknown): string {
  return `${indent(encodeJson(sorted(value)))}\n`;
}

/** YAML with sorted keys and unindented lists, as kubectl writes it. */
export async function toYamlText(value: unknown): Promise<string> {
  const { stringify } = await import("yaml");
  return stringify(value, {
    version: "1.1",
    sortMapEntries: true,
    indentSeq: false,
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

/** Re-indents JSON text without parsing its numbers. */
function indent(json: string): string {
  const parts: string[] = [];
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]{1}|[,:]|[^\s"[\]{},:]+/g)) {
    const last = parts.at(-1);
    if (token === "}" || token === "]") {
      depth -= 1;
      if (last === "{" || last === "[") parts[parts.length - 1] = last + token;
      else parts.push(`\n${"    ".repeat(depth)}`, token);
      continue;
    }
    if (last === "{" || last === "[" || last === ",") parts.push(`\n${"    ".repeat(depth)}`);
    parts.push(token === ":" ? ": " : token);
    if (token === "{" || token === "[") depth += 1;
  }
  return parts.join("");
}
