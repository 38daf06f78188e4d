import { load } from "js-yaml";
import { badRequest, parseJson, unsupportedMediaType } from "#machinery";
import type { ServerRequest } from "../contract.ts";
import type { SchemaNode } from "../kinds/definition.ts";
import { decodeProtobuf, isProtobuf, ProtobufError, speaksProtobuf } from "../protobuf/index.ts";
import { scanJson } from "./scan.ts";

export interface Parsed {
  readonly value: unknown;
  /** The text, for messages; empty in process. */
  readonly text: string;
  readonly duplicates: readonly string[];
}

const accepted = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

export const mediaTypeOf = (request: ServerRequest): string =>
  (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";

/**
 * The body as a value, from JSON, YAML or, where the type is given that it must have, protobuf, which Kubernetes' typed clients send.
 * `wrap` words what is wrong with the text.
 */
export function parseBody(request: ServerRequest, wrap: (why: string) => Error, node?: SchemaNode): Parsed {
  const { body } = request;
  if (body?.kind === "object") return { value: body.value, text: "", duplicates: [] };
  const type = mediaTypeOf(request);
  if (isProtobuf(type) && node !== undefined && speaksProtobuf(node)) return parseProtobuf(body?.bytes, wrap, node);
  const text = body === undefined ? "" : new TextDecoder().decode(body.bytes);
  if (type === "application/yaml") return parseYaml(text);
  if (type !== "" && type !== "application/json")
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
    );
  return parseJsonText(text, wrap);
}

function parseProtobuf(bytes: Uint8Array | undefined, wrap: (why: string) => Error, node: SchemaNode): Parsed {
  try {
    return { value: decodeProtobuf(bytes ?? new Uint8Array(0), node), text: "", duplicates: [] };
  } catch (error) {
    throw error instanceof ProtobufError ? wrap(error.message) : error;
  }
}

export function parseJsonText(text: string, wrap: (why: string) => Error): Parsed {
  const { duplicates, tooDeepAt } = scanJson(text);
  if (tooDeepAt !== undefined) throw wrap(`json parse error: invalid character '${tooDeepAt}' exceeded max depth`);
  try {
    return { value: parseJson(text), text, duplicates };
  } catch {
    throw wrap(`json parse error: ${jsonProblem(text)}`);
  }
}

/** Go's words for what JSON.parse refuses. */
function jsonProblem(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    const why = (error as Error).message;
    const place = /position (\d+)/.exec(why);
    if (place === null || /Unexpected end|Unterminated/.test(why)) return "unexpected end of JSON input";
    const at = Number(place[1]);
    if (at >= text.trimEnd().length) return "unexpected end of JSON input";
    const where =
      at === 0 || text.slice(0, at).trim() === "" ? "looking for beginning of value" : "after top-level value";
    return `invalid character '${text[at]}' ${where}`;
  }
}

/** The first document only, as Kubernetes reads it. */
function parseYaml(text: string): Parsed {
  const first = text.split(/^---\s*$/m).find((document) => document.trim() !== "") ?? "";
  try {
    return { value: load(first), text: first, duplicates: [] };
  } catch (error) {
    const repeated = loadWithRepeatedKeys(first);
    if (repeated !== undefined) return { value: repeated.value, text: first, duplicates: repeated.duplicates };
    throw badRequest(`error converting YAML to JSON: ${(error as Error).message.split("\n")[0]}`);
  }
}

/** Keys given twice are an error of YAML, but only a warning unless the request is strict; the last one counts. */
function loadWithRepeatedKeys(
  text: string,
): { readonly value: unknown; readonly duplicates: readonly string[] } | undefined {
  try {
    const value = load(text, { json: true } as Parameters<typeof load>[1]);
    return { value, duplicates: [] };
  } catch {
    return undefined;
  }
}
