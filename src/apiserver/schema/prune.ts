import type { CompiledSchema } from "./compile.ts";
import { metadataField } from "./compile.ts";
import { type Fields, fieldPath, indexPath, isFields, mapSame } from "./fields.ts";

/** The value without fields that the schema does not know; the same value where it knows them all. */
export function pruned(schema: CompiledSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : mapSame(value, (element) => pruned(items, element));
  }
  return isFields(value) ? prunedFields(schema, value) : value;
}

function prunedFields(schema: CompiledSchema, fields: Fields): Fields {
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(fields)) {
    const place = placeOf(schema, name);
    if (place === undefined) {
      copy ??= { ...fields };
      delete copy[name];
      continue;
    }
    const kept = place === "any" ? fields[name] : pruned(place, fields[name]);
    if (kept === fields[name]) continue;
    copy ??= { ...fields };
    copy[name] = kept;
  }
  return copy ?? fields;
}

/** What governs a field: its schema, nothing ("any"), or undefined where the field is unknown. */
function placeOf(schema: CompiledSchema, name: string): CompiledSchema | "any" | undefined {
  const known = schema.properties?.get(name);
  if (known !== undefined) return known;
  if (schema.embedded && name === "metadata") return metadataField;
  if (schema.additional !== undefined) return schema.additional;
  return schema.keepsUnknown ? "any" : undefined;
}

/** Paths of the fields that pruning would drop, sorted as Kubernetes lists them. */
export function unknownFields(schema: CompiledSchema, value: unknown): readonly string[] {
  const found: string[] = [];
  collectUnknown(schema, value, "", found);
  return found.sort();
}

function collectUnknown(schema: CompiledSchema, value: unknown, path: string, found: string[]): void {
  if (Array.isArray(value)) {
    if (schema.items === undefined) return;
    for (let index = 0; index < value.length; index++)
      collectUnknown(schema.items, value[index], indexPath(path, index), found);
    return;
  }
  if (!isFields(value)) return;
  for (const name of Object.keys(value)) {
    const place = placeOf(schema, name);
    if (place === undefined) found.push(fieldPath(path, name));
    else if (place !== "any") collectUnknown(place, value[name], fieldPath(path, name), found);
  }
}
