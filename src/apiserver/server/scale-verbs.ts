import { isJsonObject } from "#base";
import { badRequest, invalid, type KubeObject, numberAt, type ObjectMeta } from "#machinery";
import { applyJsonPatch, applyMergePatch } from "#machinery/patch";
import type { ServerRequest, ServerResponse } from "../contract.ts";
import { mediaTypeOf, parseBody } from "../decode/index.ts";
import type { ScalePaths } from "../kinds/definition.ts";
import { typeNode } from "../kinds/index.ts";
import { parseWriteQuery } from "../registry/options.ts";
import { scaleOf, withScale } from "../registry/scale.ts";
import type { RegistryDeps } from "../registry/target.ts";
import { updateObject } from "../registry/update.ts";
import { requireEntry } from "../registry/write.ts";
import { objectAnswer } from "../represent/index.ts";
import { scaleColumns } from "../table/index.ts";
import { notAllowed, type ResourceRequest } from "./resource-request.ts";

/** The scale subresource: a Scale to read, and to write the replicas through. */
export async function answerScale(deps: RegistryDeps, of: ResourceRequest, paths: ScalePaths): Promise<ServerResponse> {
  const { target, verb, request } = of;
  const { definition } = target;
  if (verb === "get")
    return scaleAnswer(of, scaleOf(definition, paths, requireEntry(deps, target).view(definition).object));
  if (verb !== "update" && verb !== "patch") throw notAllowed();
  const options = parseWriteQuery(verb === "update" ? "UpdateOptions" : "PatchOptions", request.query);
  const body = parseBody(asJson(request), (why) => badRequest(why), typeNode("autoscaling/v1.Scale")).value;
  // The object changes through its scale: its own update rules, none of the caller's fields but replicas.
  const whole = { ...target, subresource: "", dryRun: options.dryRun };
  const object = await updateObject(deps, whole, {
    transform: (current) => {
      const scale = wantedScale(of, body, lenientScale(of, paths, current));
      if (numberAt(scale, ["spec", "replicas"]) < 0) throw negativeReplicas(of, scale);
      return withScale(paths, current, scale);
    },
  });
  return scaleAnswer(of, scaleOf(definition, paths, object));
}

/** As a table a Scale has columns of its own. */
function scaleAnswer({ rendering }: ResourceRequest, scale: KubeObject): ServerResponse {
  return objectAnswer({ ...rendering, definition: { ...rendering.definition, ...scaleColumns } }, scale);
}

/** The media type of a patch says how it is applied, not how it is parsed. */
const asJson = (request: ServerRequest): ServerRequest =>
  mediaTypeOf(request).endsWith("+json")
    ? { ...request, headers: { ...request.headers, "content-type": "application/json" } }
    : request;

/** A Scale to patch, replicas or not. */
function lenientScale(of: ResourceRequest, paths: ScalePaths, current: KubeObject): KubeObject {
  return scaleOf({ ...of.target.definition, origin: "builtin" }, paths, current);
}

function wantedScale(of: ResourceRequest, body: unknown, current: KubeObject): KubeObject {
  if (of.verb === "update") {
    if (!isJsonObject(body)) throw badRequest("the body is not a Scale");
    return { kind: "Scale", apiVersion: "autoscaling/v1", ...body, metadata: (body.metadata ?? {}) as ObjectMeta };
  }
  const json = mediaTypeOf(of.request) === "application/json-patch+json";
  const patched = json ? applyJsonPatch(current, body) : applyMergePatch(current, body);
  return patched as KubeObject;
}

function negativeReplicas(of: ResourceRequest, scale: KubeObject): Error {
  const { definition, name } = of.target;
  const replicas = numberAt(scale, ["spec", "replicas"]);
  const [field, why] =
    definition.origin === "custom"
      ? [".spec.replicas", "should be a non-negative integer"]
      : ["spec.replicas", "must be greater than or equal to 0"];
  const cause = { reason: "FieldValueInvalid", message: `Invalid value: ${replicas}: ${why}`, field };
  return invalid(definition, name, [cause]);
}
