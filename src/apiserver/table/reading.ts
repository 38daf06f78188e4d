import { isJsonObject, type JsonObject } from "#base";

/** Readers of untyped objects: what is missing or of another type reads as empty, so that a table never fails. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((node, name) => (isJsonObject(node) ? node[name] : undefined), value);
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  const found = at(value, ...path);
  return isJsonObject(found) ? found : {};
}

export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return found === undefined || found === null || typeof found === "object" ? "" : String(found);
}

export function numberAt(value: unknown, ...path: readonly string[]): number {
  const found = at(value, ...path);
  return typeof found === "number" || typeof found === "bigint" ? Number(found) : 0;
}

export const orNone = (text: string): string => (text === "" ? "<none>" : text);

/** `a=1,b=2`, sorted; `<none>` without labels. */
export function labelsText(labels: unknown): string {
  const pairs = Object.entries(isJsonObject(labels) ? labels : {}).map(([name, value]) => `${name}=${value}`);
  return orNone(pairs.sort().join(","));
}

/** A label selector as kubectl prints it: `app=x,tier in (a,b),!gone`. */
export function selectorText(selector: unknown): string {
  if (!isJsonObject(selector)) return "<none>";
  const equal = Object.entries(objectAt(selector, "matchLabels")).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }));
  const terms = [...equal, ...listAt(selector, "matchExpressions").map(requirement)];
  return orNone(
    terms
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ text }) => text)
      .join(","),
  );
}

function requirement(expression: unknown): { readonly key: string; readonly text: string } {
  const key = textAt(expression, "key");
  const values = listAt(expression, "values").map(String).sort().join(",");
  const texts: Readonly<Record<string, string>> = {
    In: `${key} in (${values})`,
    NotIn: `${key} notin (${values})`,
    Exists: key,
    DoesNotExist: `!${key}`,
  };
  return { key, text: texts[textAt(expression, "operator")] ?? key };
}

/** Names and images of a pod template's containers, for `-o wide`. */
export function containerCells(podSpec: unknown): readonly [string, string] {
  const containers = listAt(podSpec, "containers");
  return [
    containers.map((one) => textAt(one, "name")).join(","),
    containers.map((one) => textAt(one, "image")).join(","),
  ];
}

export function conditionOf(object: unknown, type: string): JsonObject | undefined {
  return listAt(object, "status", "conditions")
    .filter(isJsonObject)
    .find((condition) => condition.type === type);
}
