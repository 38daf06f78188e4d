import { isJsonObject } from "#base";
import { badRequest, invalid, type KubeObject, type ObjectMeta, type StatusError } from "#machinery";
import type { ServerRequest } from "../contract.ts";
import type { DecodeProblem, ResourceDefinition } from "../kinds/definition.ts";
import { invalidValue } from "../registry/names.ts";
import type { FieldValidation } from "../registry/options.ts";
import { apiVersionOf, type Target } from "../registry/target.ts";
import { type Parsed, parseBody } from "./body.ts";

/** The object of a create or update: of the right kind and place, known fields only. */
export function decodeObject(request: ServerRequest, target: Target, validation: FieldValidation): KubeObject {
  const { definition } = target;
  const kind = definition.origin === "builtin" ? definition.schema.root : undefined;
  const parsed = parseBody(request, (why) => unrecognized(definition, bodyText(request), why), kind);
  const object = identified(definition, parsed);
  const problems = checkTypes(definition, inDocumentOrder(parsed.value, object));
  tellProblems(target, validation, [...parsed.duplicates.map((field) => `duplicate field "${field}"`), ...problems]);
  return definition.schema.prune(inPlace(target, withoutEmptyMetadata(object)));
}

/** Problems are told in the order in which the fields were given. */
const inDocumentOrder = (given: unknown, object: KubeObject): KubeObject =>
  isJsonObject(given) ? { ...given, ...object } : object;

const bodyText = (request: ServerRequest): string =>
  request.body?.kind === "bytes" ? new TextDecoder().decode(request.body.bytes.subarray(0, 200)) : "";

function unrecognized(definition: ResourceDefinition, text: string, why: string): StatusError {
  const shown = text === "" ? "<empty>" : text.length > 30 ? `${text.slice(0, 30)} ...` : text;
  const what = why.startsWith("json parse error") ? `couldn't get version/kind; ${why}` : why;
  return badRequest(`the object provided is unrecognized (must be of type ${definition.kind}): ${what} (${shown})`);
}

/** With the definition's kind and apiVersion, if those of the body agree. */
function identified(definition: ResourceDefinition, parsed: Parsed): KubeObject {
  const value = parsed.value ?? {};
  if (!isJsonObject(value)) {
    const why = `json parse error: json: cannot unmarshal ${Array.isArray(value) ? "array" : typeof value} into Go value of type struct { APIVersion string; Kind string }`;
    throw unrecognized(definition, parsed.text, why);
  }
  const apiVersion = apiVersionOf(definition);
  const { kind: _k, apiVersion: _a, metadata, ...rest } = value;
  if (definition.origin === "custom") checkCustomIdentity(definition, value, parsed);
  else checkBuiltinIdentity(definition, value, parsed);
  return { kind: definition.kind, apiVersion, metadata: (metadata ?? {}) as ObjectMeta, ...rest };
}

function checkCustomIdentity(
  definition: ResourceDefinition,
  value: Readonly<Record<string, unknown>>,
  parsed: Parsed,
): void {
  const wanted = apiVersionOf(definition);
  const { kind = "", apiVersion = "" } = value;
  if (kind === "" && parsed.value !== null) {
    const text = parsed.text === "" ? "{}" : parsed.text;
    throw unrecognized(definition, parsed.text, `Object 'Kind' is missing in '${text}'`);
  }
  if (apiVersion !== wanted)
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${wanted})`);
  if (kind !== definition.kind) {
    const name = (value.metadata as { readonly name?: string } | undefined)?.name ?? "";
    throw invalid({ group: definition.group, kind: String(kind) }, name, [
      invalidValue("kind", kind, `must be ${definition.kind}`),
    ]);
  }
}

function checkBuiltinIdentity(
  definition: ResourceDefinition,
  value: Readonly<Record<string, unknown>>,
  parsed: Parsed,
): void {
  const wanted = apiVersionOf(definition);
  const kind = value.kind === undefined || value.kind === "" ? definition.kind : String(value.kind);
  const apiVersion = value.apiVersion === undefined || value.apiVersion === "" ? wanted : String(value.apiVersion);
  if (apiVersion.split("/").length > 2)
    throw unrecognized(definition, parsed.text, `unexpected GroupVersion string: ${apiVersion}`);
  if (kind === definition.kind && apiVersion === wanted) return;
  const scheme = `in scheme "pkg/api/legacyscheme/scheme.go:30"`;
  const why = knownKinds.has(kind)
    ? `converting (${apiVersion.split("/").at(-1)}.${kind}) to (core.${definition.kind}): unknown conversion`
    : `no kind "${kind}" is registered for version "${apiVersion}" ${scheme}`;
  const version =
    kind === definition.kind || !knownKinds.has(kind)
      ? `no kind "${kind}" is registered for version "${apiVersion}" ${scheme}`
      : why;
  throw cannotHandle(definition, { kind, apiVersion }, version);
}

/** Kinds that clients confuse most; any other is said to be unknown. */
const knownKinds = new Set(["Secret", "ConfigMap", "Pod", "Service", "ServiceAccount", "Namespace", "Node", "Event"]);

function cannotHandle(
  definition: ResourceDefinition,
  of: { readonly kind: string; readonly apiVersion: string },
  why: string,
): StatusError {
  const version = of.apiVersion.split("/").at(-1);
  return badRequest(`${of.kind} in version "${version}" cannot be handled as a ${definition.kind}: ${why}`);
}

/** @returns the unknown fields. @throws StatusError 400 for the first value of a wrong type. */
export function checkTypes(definition: ResourceDefinition, object: KubeObject): readonly string[] {
  const problems: readonly DecodeProblem[] = definition.schema.check(object);
  const wrong = problems.find((problem) => problem.kind === "type");
  if (wrong !== undefined) throw cannotHandle(definition, object, wrong.message);
  return problems.map((problem) => problem.message);
}

function tellProblems(target: Target, validation: FieldValidation, problems: readonly string[]): void {
  if (problems.length === 0 || validation === "Ignore") return;
  if (validation === "Warn") {
    target.warnings.push(...problems);
    return;
  }
  const { definition } = target;
  const of = { kind: definition.kind, apiVersion: apiVersionOf(definition) };
  throw cannotHandle(definition, of, `strict decoding error: ${problems.join(", ")}`);
}

/** Name and namespace of body and URL must agree; what the body leaves out comes from the URL. */
export function inPlace(target: Target, object: KubeObject): KubeObject {
  const { definition, namespace, name } = target;
  const { metadata } = object;
  const given = metadata.namespace ?? "";
  if (definition.namespaced) {
    if (given !== "" && given !== namespace)
      throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  } else if (given !== "" && definition.origin === "builtin") {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  if (name !== "") {
    if ((metadata.name ?? "") === "")
      throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
    if (metadata.name !== name)
      throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  const { namespace: _, ...rest } = metadata;
  return { ...object, metadata: definition.namespaced ? { ...rest, namespace } : rest };
}

/** Fields of metadata that are null count as absent. */
export function withoutEmptyMetadata(object: KubeObject): KubeObject {
  const { metadata } = object;
  if (!Object.values(metadata).includes(null)) return object;
  const kept = Object.entries(metadata).filter(([, value]) => value !== null);
  return { ...object, metadata: Object.fromEntries(kept) as ObjectMeta };
}
