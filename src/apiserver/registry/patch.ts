import { isJsonObject, type JsonObject } from "#base";
import {
  badRequest,
  encodeJson,
  invalid,
  isStatusError,
  type KubeObject,
  StatusError,
  unsupportedMediaType,
} from "#machinery";
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch } from "#machinery/patch";
import type { ServerRequest } from "../contract.ts";
import { checkTypes, inPlace, mediaTypeOf, type Parsed, parseJsonText, withoutEmptyMetadata } from "../decode/index.ts";
import type { ResourceDefinition } from "../kinds/definition.ts";
import { invalidValue } from "./names.ts";
import type { FieldValidation } from "./options.ts";
import type { RegistryDeps, Target } from "./target.ts";
import { updateObject } from "./update.ts";
import { requireEntry } from "./write.ts";

const jsonPatch = "application/json-patch+json";
const mergePatch = "application/merge-patch+json";
const strategicPatch = "application/strategic-merge-patch+json";
const customTypes = [jsonPatch, mergePatch, "application/apply-patch+yaml"];

/** PATCH in all its formats but server-side apply. */
export async function patchObject(
  deps: RegistryDeps,
  target: Target,
  patch: { readonly request: ServerRequest; readonly validation: FieldValidation },
): Promise<KubeObject> {
  const { definition } = target;
  const type = patchType(definition, patch.request);
  requireEntry(deps, target);
  const { value, duplicates } = patchBody(patch.request, type);
  const notes = duplicates.map((field) => `duplicate field "${field}"`);
  return updateObject(deps, target, {
    transform: (current) => {
      const patched = applyPatch(type, { definition, current, value });
      return patchedObject(target, { current, patched, notes, validation: patch.validation });
    },
  });
}

function patchType(definition: ResourceDefinition, request: ServerRequest): string {
  const type = mediaTypeOf(request);
  if (type === jsonPatch || type === mergePatch) return type;
  if (definition.origin === "custom") {
    const known = customTypes.join(", ");
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${known}`,
    );
  }
  if (type === strategicPatch) return type;
  throw new StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
}

function patchBody(request: ServerRequest, type: string): Pick<Parsed, "value" | "duplicates"> {
  if (request.body?.kind === "object") return { value: request.body.value, duplicates: [] };
  const text = request.body === undefined ? "" : new TextDecoder().decode(request.body.bytes);
  const prefix = type === strategicPatch ? "" : "error decoding patch: ";
  return parseJsonText(text, (why) => badRequest(`${prefix}${why.replace("json parse error: ", "")}`));
}

function applyPatch(
  type: string,
  of: { readonly definition: ResourceDefinition; readonly current: KubeObject; readonly value: unknown },
): unknown {
  const { current, definition, value } = of;
  if (type === jsonPatch) return applyJsonPatch(current, value);
  if (type === mergePatch) return applyMergePatch(current, value);
  return applyStrategicMergePatch(current as JsonObject, value, definition.schema.root);
}

interface Patched {
  readonly current: KubeObject;
  readonly patched: unknown;
  readonly notes: readonly string[];
  readonly validation: FieldValidation;
}

function patchedObject(target: Target, { current, patched, notes, validation }: Patched): KubeObject {
  const { definition } = target;
  if (!isJsonObject(patched)) throw badRequest(`error decoding patch: the result is not an object`);
  const metadata = { ...(isJsonObject(patched.metadata) ? patched.metadata : {}) };
  const { kind: _k, apiVersion: _a, metadata: _m, ...rest } = patched;
  const { kind, apiVersion } = current;
  checkIdentity(definition, patched, current);
  const object = { kind, apiVersion, metadata, ...rest } as KubeObject;
  const problems = [...notes, ...typedProblems(definition, object)];
  if (problems.length > 0 && validation === "Warn") target.warnings.push(...new Set(problems));
  if (problems.length > 0 && validation === "Strict") {
    const why = `strict decoding error: ${problems.join(", ")}`;
    throw undecodable(patched, why);
  }
  return definition.schema.prune(inPlace(target, withoutEmptyMetadata(object)));
}

function withoutKind(error: StatusError): StatusError {
  const { kind: _, ...details } = error.details ?? {};
  return new StatusError(error.code, error.reason, error.message, details);
}

/** A patch whose result cannot be decoded is refused as a whole, quoting it. */
function undecodable(patched: unknown, why: string): StatusError {
  const cause = {
    ...invalidValue("patch", "", why),
    message: `Invalid value: ${JSON.stringify(encodeJson(patched))}: ${why}`,
  };
  return withoutKind(invalid({ group: "", kind: "" }, "", [cause]));
}

/** @returns the unknown fields. @throws StatusError 422 for a value of a wrong type. */
function typedProblems(definition: ResourceDefinition, object: KubeObject): readonly string[] {
  try {
    return checkTypes(definition, object);
  } catch (error) {
    if (!isStatusError(error) || definition.origin === "custom") throw error;
    throw undecodable(object, error.message.replace(/^.*? cannot be handled as a \w+: /, ""));
  }
}

function checkIdentity(definition: ResourceDefinition, patched: JsonObject, current: KubeObject): void {
  if (definition.origin === "builtin") {
    const { kind = current.kind, apiVersion = current.apiVersion } = patched;
    if (kind === current.kind && apiVersion === current.apiVersion) return;
    throw undecodable(patched, `no kind "${kind}" is registered for version "${apiVersion}"`);
  }
  const { apiVersion } = patched;
  if (typeof apiVersion === "string" && apiVersion !== "" && apiVersion !== current.apiVersion)
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${current.apiVersion})`,
    );
}
