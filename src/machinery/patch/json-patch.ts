import { isJsonObject } from "#base";
import { requestEntityTooLarge, type StatusError } from "../status-error.ts";
import { deepEqual } from "./equal.ts";
import { jsonTypeName, malformedPatch, rejectedPatch } from "./errors.ts";

/** One operation of RFC 6902. */
export interface JsonPatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

const maximumOperations = 10_000;

/** An object or a list on the way to the place that an operation names. */
type Container = Readonly<Record<string, unknown>> | readonly unknown[];

/**
 * Applies an RFC 6902 patch the way Kubernetes does, which is laxer than the RFC: `replace` on a missing key and `copy` of one
 * succeed, `add` without a value stores null, `test` of a missing key against null holds, negative indices count from the end.
 *
 * @throws StatusError 400 where `operations` is no list of operations, 413 where it is too long, 422 where one cannot be applied.
 */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  return decodeOperations(operations).reduce<unknown>(applyOperation, document);
}

function decodeOperations(operations: unknown): readonly JsonPatchOperation[] {
  if (operations === null) return [];
  if (!Array.isArray(operations)) throw undecodable(operations, "value of type []handlers.jsonPatchOp");
  if (operations.length > maximumOperations) {
    throw requestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${maximumOperations}, got ${operations.length}`,
    );
  }
  return operations.map(decodeOperation);
}

function decodeOperation(operation: unknown): JsonPatchOperation {
  if (!isJsonObject(operation)) throw undecodable(operation, "value of type handlers.jsonPatchOp");
  for (const field of ["op", "path", "from"]) {
    const value = operation[field];
    if (value !== undefined && value !== null && typeof value !== "string") {
      throw undecodable(value, `struct field jsonPatchOp.${field} of type string`);
    }
  }
  return operation as unknown as JsonPatchOperation;
}

const undecodable = (value: unknown, target: string): StatusError =>
  malformedPatch(`json: cannot unmarshal ${jsonTypeName(value)} into Go ${target}`);

function applyOperation(document: unknown, operation: JsonPatchOperation): unknown {
  const path = tokensOf(operation.path);
  const value = operation.value ?? null;
  switch (operation.op) {
    case "add":
      return change(document, path, (container, key) => inserted(container, key, value));
    case "replace":
      return change(document, path, (container, key) => replaced(container, key, value));
    case "remove":
      return removeAt(document, path);
    case "test":
      if (!deepEqual(valueAt(document, path) ?? null, value)) throw rejectedPatch();
      return document;
    case "copy":
      return transfer(document, path, valueAt(document, tokensOf(operation.from)) ?? null);
    case "move": {
      const from = tokensOf(operation.from);
      const moved = valueAt(document, from);
      if (moved === undefined) throw rejectedPatch();
      return transfer(removeAt(document, from), path, moved);
    }
    default:
      throw rejectedPatch();
  }
}

const transfer = (document: unknown, path: readonly string[], value: unknown): unknown =>
  change(document, path, (container, key) => inserted(container, key, value));

const removeAt = (document: unknown, path: readonly string[]): unknown => {
  if (path.length === 0) throw rejectedPatch();
  return change(document, path, (container, key) => without(container, key));
};

/** A JSON pointer's parts; the empty pointer means the whole document and has none. */
function tokensOf(pointer: string | undefined): readonly string[] {
  if (pointer === "") return [];
  if (!pointer?.startsWith("/")) throw rejectedPatch();
  return pointer
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The value at a path; undefined where the last key is missing. A missing parent is an error. */
function valueAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, token) => childOf(containerOf(node), token), document);
}

/** A copy of the document in which the container of the path's last token is replaced by what `edit` makes of it. */
function change(
  document: unknown,
  path: readonly string[],
  edit: (container: Container, key: string) => Container,
): unknown {
  const [token, ...rest] = path;
  if (token === undefined) return edit({ root: document }, "root")["root" as keyof Container];
  const container = containerOf(document);
  if (rest.length === 0) return edit(container, token);
  return replaced(container, token, change(childOf(container, token), rest, edit));
}

function containerOf(node: unknown): Container {
  if (typeof node !== "object" || node === null) throw rejectedPatch();
  return node as Container;
}

function childOf(container: Container, key: string): unknown {
  if (isList(container)) return container[existingIndex(container, key)];
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

function inserted(container: Container, key: string, value: unknown): Container {
  if (!isList(container)) return withField(container, key, value);
  const index = key === "-" ? container.length : indexIn(key, container.length + 1);
  return container.toSpliced(index, 0, value);
}

function replaced(container: Container, key: string, value: unknown): Container {
  return isList(container) ? container.with(existingIndex(container, key), value) : withField(container, key, value);
}

function without(container: Container, key: string): Container {
  if (isList(container)) return container.toSpliced(existingIndex(container, key), 1);
  if (!Object.hasOwn(container, key)) throw rejectedPatch();
  const { [key]: _removed, ...rest } = container;
  return rest;
}

/** Computed keys define own properties, so `__proto__` is a key like any other. */
const withField = (container: Readonly<Record<string, unknown>>, key: string, value: unknown): Container => ({
  ...container,
  [key]: value,
});

const isList = (container: Container): container is readonly unknown[] => Array.isArray(container);

const existingIndex = (list: readonly unknown[], key: string): number => indexIn(key, list.length);

/** The index that a token names in a list of `size` places; negative ones count from the end. */
function indexIn(token: string, size: number): number {
  if (!/^[+-]?\d+$/.test(token)) throw rejectedPatch();
  const index = Number(token);
  const place = index < 0 ? size + index : index;
  if (place < 0 || place >= size) throw rejectedPatch();
  return place;
}
