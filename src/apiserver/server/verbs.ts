import { isAbort } from "#base";
import {
  badRequest,
  isNotFound,
  isStatusError,
  type KubeObject,
  notFound,
  StatusError,
  unsupportedMediaType,
} from "#machinery";
import { watchCache } from "../cache/index.ts";
import type { ServerResponse } from "../contract.ts";
import { decodeObject, mediaTypeOf } from "../decode/index.ts";
import { createObject } from "../registry/create.ts";
import { deleteObject, deletionAnswer } from "../registry/delete.ts";
import { listObjects, tooLargeVersion } from "../registry/list.ts";
import { checkListQuery, isTrue, parseWriteQuery } from "../registry/options.ts";
import { patchObject } from "../registry/patch.ts";
import { selectionOf } from "../registry/selection.ts";
import { cacheOf, type RegistryDeps, storageKey, type Target } from "../registry/target.ts";
import { updateObject } from "../registry/update.ts";
import { requireEntry } from "../registry/write.ts";
import { listAnswer, objectAnswer, watchEvents } from "../represent/index.ts";
import { parseDeletionOptions } from "./deletion-options.ts";
import { statusAnswer } from "./plain.ts";
import { noSuchResource, notAllowed, type ResourceRequest } from "./resource-request.ts";
import { answerVirtual } from "./reviews.ts";
import { answerScale } from "./scale-verbs.ts";

/** Answers a request to a resource the server has. */
export async function answerResource(deps: RegistryDeps, of: ResourceRequest): Promise<ServerResponse> {
  return withWarnings(await answerOrRefusal(deps, of), of.target.warnings);
}

/** A refusal has warnings as well. */
async function answerOrRefusal(deps: RegistryDeps, of: ResourceRequest): Promise<ServerResponse> {
  try {
    return await answerVerb(deps, of);
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return statusAnswer(error, of.request);
  }
}

function answerVerb(deps: RegistryDeps, of: ResourceRequest): ServerResponse | Promise<ServerResponse> {
  const { target, verb } = of;
  const { subresource, definition } = target;
  if (definition.virtual === true && (verb === "create" || !definition.verbs.includes(verb))) return answerVirtual(of);
  if (subresource === "scale" && definition.subresources.scale !== undefined)
    return answerScale(deps, of, definition.subresources.scale);
  if (!isServed(target)) throw unservedSubresource(target);
  const answer = verbs[verb];
  if (answer === undefined || !isAllowed(of)) throw notAllowed();
  return answer(deps, of);
}

function isServed({ subresource, definition }: Target): boolean {
  if (subresource === "") return true;
  if (subresource === "status") return definition.subresources.status;
  return subresource === "finalize" && definition.group === "" && definition.resource === "namespaces";
}

function unservedSubresource({ definition, name }: Target): StatusError {
  return definition.origin === "custom" ? notFound(definition, name) : noSuchResource();
}

/** Objects of namespaced kinds are written in a namespace; a subresource is read and changed only. */
function isAllowed({ target, verb }: ResourceRequest): boolean {
  const { definition, namespace, name, subresource } = target;
  if (subresource !== "") return ["get", "update", "patch"].includes(verb) && name !== "";
  if (definition.namespaced && namespace === "" && !["list", "watch"].includes(verb)) return false;
  if (verb === "create") return name === "" || definition.origin === "custom";
  if (verb === "update" && name === "") return definition.origin === "custom";
  if (verb === "patch") return name !== "";
  return verb !== "deletecollection" || definition.verbs.includes("deletecollection");
}

const verbs: Readonly<Record<string, (deps: RegistryDeps, of: ResourceRequest) => Promise<ServerResponse>>> = {
  get: answerGet,
  list: answerList,
  watch: answerWatch,
  create: answerCreate,
  update: answerUpdate,
  patch: answerPatch,
  delete: answerDelete,
  deletecollection: answerDeleteCollection,
};

/** With the warnings that the request has collected. */
function withWarnings(answer: ServerResponse, warnings: readonly string[]): ServerResponse {
  if (warnings.length === 0 || answer.kind !== "object") return answer;
  const unique = [...new Set(warnings)].map((text) => `299 - ${JSON.stringify(text)}`);
  return { ...answer, headers: { ...answer.headers, warning: unique.join(", ") } };
}

async function answerGet(deps: RegistryDeps, of: ResourceRequest): Promise<ServerResponse> {
  const { target, request, rendering } = of;
  const version = request.query.get("resourceVersion") ?? "";
  if (version !== "") checkVersion(version, deps.caches.revision);
  return objectAnswer(rendering, requireEntry(deps, target).view(target.definition).object);
}

function checkVersion(version: string, current: number): void {
  if (!/^\d+$/.test(version)) {
    const why = `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`;
    throw new StatusError(500, "", `resourceVersion: Invalid value: ${JSON.stringify(version)}: ${why}`);
  }
  if (Number(version) > current) throw tooLargeVersion(Number(version), current);
}

async function answerList(deps: RegistryDeps, of: ResourceRequest): Promise<ServerResponse> {
  return listAnswer(of.rendering, await listObjects(deps, of.target, of.request.query));
}

const defaultWatchMs = 45 * 60_000;

async function answerWatch(deps: RegistryDeps, of: ResourceRequest): Promise<ServerResponse> {
  const { target, request, rendering } = of;
  const { definition, namespace, name } = target;
  const { query } = request;
  checkListQuery(query, true);
  const version = query.get("resourceVersion") ?? "";
  if (version !== "" && version !== "0") checkVersion(version, Number.MAX_SAFE_INTEGER);
  const initial = query.get("sendInitialEvents");
  const fromNow = version === "" || version === "0";
  const begins = initial === null ? fromNow : isTrue(initial);
  const bookmarks = isTrue(query.get("allowWatchBookmarks"));
  const cache = cacheOf(deps, definition);
  const prefix = namespace === "" ? cache.prefix : `${cache.prefix}${namespace}/`;
  const only = name === "" ? undefined : storageKey(definition, namespace, name);
  const seconds = Number(query.get("timeoutSeconds") ?? 0);
  const events = watchCache(cache, {
    definition,
    after: begins ? undefined : fromNow ? deps.caches.revision : Number(version),
    matches: selectionOf(definition, query),
    covers: only === undefined ? (key) => key.startsWith(prefix) : (key) => key === only,
    bookmarks,
    markInitialEnd: bookmarks && begins && (initial !== null || version === "0"),
    timeoutMs: seconds > 0 ? seconds * 1000 : defaultWatchMs,
    clock: deps.clock,
    revision: () => deps.caches.revision,
    signal: request.signal,
  });
  return { kind: "watch", events: watchEvents(rendering, events) };
}

async function answerCreate(deps: RegistryDeps, of: ResourceRequest): Promise<ServerResponse> {
  const { request } = of;
  const options = parseWriteQuery("CreateOptions", request.query);
  // A name in the path of a create only tells custom resources where the object goes; the body names it.
  const target = { ...of.target, name: "", dryRun: options.dryRun };
  const object = decodeObject(request, target, options.fieldValidation);
  const created = await createObject(deps, { ...target, name: object.metadata.name ?? "" }, object);
  return objectAnswer(of.rendering, created, 201);
}

async function answerUpdate(deps: RegistryDeps, of: ResourceRequest): Promise<ServerResponse> {
  const { request } = of;
  if (of.target.name === "") throw badRequest("name must be provided");
  const options = parseWriteQuery("UpdateOptions", request.query);
  const target = { ...of.target, dryRun: options.dryRun };
  const whole = decodeObject(request, target, options.fieldValidation);
  const existed = isThere(deps, target);
  const object = await updateObject(deps, target, { transform: () => whole, whole });
  return objectAnswer(of.rendering, object, existed ? 200 : 201);
}

function isThere(deps: RegistryDeps, target: Target): boolean {
  const { definition, namespace, name } = target;
  return cacheOf(deps, definition).get(storageKey(definition, namespace, name)) !== undefined;
}

const applyRefused = (): StatusError =>
  unsupportedMediaType("this server has no server-side apply; apply without --server-side, or send a merge patch");

async function answerPatch(deps: RegistryDeps, of: ResourceRequest): Promise<ServerResponse> {
  if (mediaTypeOf(of.request) === "application/apply-patch+yaml") throw applyRefused();
  const options = parseWriteQuery("PatchOptions", of.request.query);
  const target = { ...of.target, dryRun: options.dryRun };
  const patch = { request: of.request, validation: options.fieldValidation };
  const object = await patchObject(deps, target, patch);
  return objectAnswer(of.rendering, object);
}

async function answerDelete(deps: RegistryDeps, of: ResourceRequest): Promise<ServerResponse> {
  const options = parseDeletionOptions(of.request);
  const target = { ...of.target, dryRun: options.dryRun };
  const answer = deletionAnswer(target, await deleteObject(deps, target, options));
  if (answer.kind === "Status") return { kind: "object", status: 200, object: answer };
  return objectAnswer(of.rendering, answer as KubeObject);
}

/** Deletes what the selectors mean, one after the other, and answers the list as it was. */
async function answerDeleteCollection(deps: RegistryDeps, of: ResourceRequest): Promise<ServerResponse> {
  const options = parseDeletionOptions(of.request);
  const result = await listObjects(deps, of.target, of.request.query);
  for (const entry of result.entries) {
    const { name = "" } = entry.object.metadata;
    try {
      await deleteObject(deps, { ...of.target, name, dryRun: options.dryRun }, options);
    } catch (error) {
      if (isAbort(error) || !isNotFound(error)) throw error;
    }
  }
  return listAnswer(of.rendering, result);
}
