import { deepClone } from "#base";
import type { CompiledSchema } from "./compile.ts";
import { type Fields, isFields, mapSame } from "./fields.ts";

/**
 * The value with missing fields filled in and null dropped where a field may not be null; the same value where there is
 * nothing to do. A default is itself completed by the defaults below it.
 */
export function defaulted(schema: CompiledSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : mapSame(value, (element) => defaulted(items, element));
  }
  return isFields(value) ? withMissing(schema, withPresent(schema, value)) : value;
}

function withPresent(schema: CompiledSchema, fields: Fields): Fields {
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(fields)) {
    const place = schema.properties?.get(name) ?? schema.additional;
    if (place === undefined) continue;
    const value = fields[name];
    if (value === null && !place.nullable) {
      copy ??= { ...fields };
      delete copy[name];
      continue;
    }
    const complete = defaulted(place, value);
    if (complete === value) continue;
    copy ??= { ...fields };
    copy[name] = complete;
  }
  return copy ?? fields;
}

function withMissing(schema: CompiledSchema, fields: Fields): Fields {
  if (!schema.hasDefaults || schema.properties === undefined) return fields;
  let copy: Record<string, unknown> | undefined;
  for (const [name, place] of schema.properties) {
    if (!place.hasDefault || fields[name] !== undefined) continue;
    copy ??= { ...fields };
    copy[name] = defaulted(place, deepClone(place.source.default));
  }
  return copy ?? fields;
}
