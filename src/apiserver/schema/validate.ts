import deepEqual from "fast-deep-equal";
import {
  duplicateValue,
  invalidValue,
  ofNoField,
  requiredValue,
  type StatusCause,
  tooMany,
  valueText,
} from "#machinery";
import { type CompiledSchema, metadataField } from "./compile.ts";
import { type Fields, fieldPath, indexPath, isFields } from "./fields.ts";
import { checkEmbedded, checkEnum, checkNumber, checkString, typeProblem } from "./scalars.ts";

/**
 * Violations of the schema, in the words of Kubernetes. A value that is as it was in `old` is not looked at: what was
 * stored before the schema became stricter may stay as long as it is not touched.
 *
 * @param old what stood in this place before; undefined on a creation or where nothing corresponds.
 */
export function violations(schema: CompiledSchema, value: unknown, old?: unknown): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  check({ schema, path: "", causes }, value, old);
  return causes;
}

interface Place {
  readonly schema: CompiledSchema;
  readonly path: string;
  readonly causes: StatusCause[];
}

function check(place: Place, value: unknown, old: unknown): void {
  const { schema, path, causes } = place;
  if (schema === metadataField || (old !== undefined && deepEqual(value, old))) return;
  checkCombined(place, value);
  const typed = typeProblem(schema, value, path);
  if (typed !== undefined) causes.push(typed);
  checkEnum(schema, value, path, causes);
  if (typeof value === "string") checkString(schema, value, path, causes);
  else if (typeof value === "number" || typeof value === "bigint") checkNumber(schema, value, path, causes);
  else if (Array.isArray(value)) checkList(place, value, old);
  else if (isFields(value)) checkFields(place, value, old);
}

function checkFields(place: Place, fields: Fields, old: unknown): void {
  const { schema, path, causes } = place;
  const before = isFields(old) ? old : undefined;
  checkCount(place, Object.keys(fields).length);
  if (schema.embedded) checkEmbedded(fields, path, causes);
  for (const name of schema.required) if (fields[name] === undefined) causes.push(requiredValue(fieldPath(path, name)));
  for (const [name, field] of schema.properties ?? []) {
    const value = fields[name];
    if (value !== undefined) check({ schema: field, path: fieldPath(path, name), causes }, value, before?.[name]);
  }
  if (schema.additional === undefined) return;
  for (const name of Object.keys(fields)) {
    if (schema.properties?.has(name)) continue;
    check({ schema: schema.additional, path: fieldPath(path, name), causes }, fields[name], before?.[name]);
  }
}

function checkCount({ schema, path, causes }: Place, count: number): void {
  const { minProperties, maxProperties } = schema.source;
  if (minProperties !== undefined && count < minProperties)
    causes.push(invalidValue(path, count, `${path} in body should have at least ${minProperties} properties`));
  if (maxProperties !== undefined && count > maxProperties) causes.push(tooMany(path, count, maxProperties));
}

function checkList(place: Place, list: readonly unknown[], old: unknown): void {
  const { schema, path, causes } = place;
  const { minItems, maxItems } = schema.source;
  if (minItems !== undefined && list.length < minItems)
    causes.push(invalidValue(path, list.length, `${path} in body should have at least ${minItems} items`));
  if (maxItems !== undefined && list.length > maxItems) causes.push(tooMany(path, list.length, maxItems));
  const before = byKey(schema, old);
  const seen = new Map<string, number>();
  list.forEach((element, index) => {
    const at = indexPath(path, index);
    const key = keyOf(schema, element);
    if (key !== undefined) checkDuplicate(key, seen, at, causes);
    if (schema.items !== undefined)
      check({ schema: schema.items, path: at, causes }, element, before?.get(valueText(key)));
  });
}

/** A value that is there more than twice is told of once. */
function checkDuplicate(key: unknown, seen: Map<string, number>, at: string, causes: StatusCause[]): void {
  const text = valueText(key);
  const times = seen.get(text) ?? 0;
  if (times === 1) causes.push(duplicateValue(at, key));
  seen.set(text, times + 1);
}

/** What tells an element of a set or of a keyed list from the others; undefined in any other list. */
function keyOf(schema: CompiledSchema, element: unknown): unknown {
  const { listKeys } = schema;
  if (listKeys === undefined || listKeys === "value") return listKeys === undefined ? undefined : element;
  if (!isFields(element)) return undefined;
  return Object.fromEntries(listKeys.filter((key) => key in element).map((key) => [key, element[key]]));
}

function byKey(schema: CompiledSchema, old: unknown): ReadonlyMap<string, unknown> | undefined {
  if (!Array.isArray(old) || !Array.isArray(schema.listKeys)) return undefined;
  return new Map(old.map((element) => [valueText(keyOf(schema, element)), element]));
}

function checkCombined(place: Place, value: unknown): void {
  const { schema, path, causes } = place;
  if (schema.anyOf.length > 0) checkAnyOf(place, value);
  if (schema.oneOf.length > 0) checkOneOf(place, value);
  if (schema.allOf.length > 0) checkAllOf(place, value);
  if (schema.not !== undefined && attempt(schema.not, value, path).length === 0)
    causes.push(ofNoField(`"${path}" must not validate the schema (not)`));
}

function attempt(schema: CompiledSchema, value: unknown, path: string): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  check({ schema, path, causes }, value, undefined);
  return causes;
}

function checkAnyOf({ schema, path, causes }: Place, value: unknown): void {
  const results = schema.anyOf.map((option) => attempt(option, value, path));
  if (results.some((result) => result.length === 0)) return;
  causes.push(ofNoField(`"${path}" must validate at least one schema (anyOf)`), ...nearest(results));
}

function checkOneOf({ schema, path, causes }: Place, value: unknown): void {
  const results = schema.oneOf.map((option) => attempt(option, value, path));
  const valid = results.filter((result) => result.length === 0).length;
  if (valid === 1) return;
  const found = valid === 0 ? "Found none valid" : `Found ${valid} valid alternatives`;
  causes.push(ofNoField(`"${path}" must validate one and only one schema (oneOf). ${found}`));
  if (valid === 0) causes.push(...nearest(results));
}

function checkAllOf({ schema, path, causes }: Place, value: unknown): void {
  const failures = schema.allOf.map((part) => attempt(part, value, path)).filter((result) => result.length > 0);
  if (failures.length === 0) return;
  const none = failures.length === schema.allOf.length ? ". None validated" : "";
  causes.push(ofNoField(`"${path}" must validate all the schemas (allOf)${none}`), ...failures.flat());
}

/** The alternative that came closest explains the failure best. */
const nearest = (results: readonly (readonly StatusCause[])[]): readonly StatusCause[] =>
  results.reduce((best, result) => (result.length < best.length ? result : best));
