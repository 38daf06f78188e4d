import { errorText, type Logger } from "#base";
import { internalError, isStatusError, StatusError } from "#machinery";
import { createLifecycle } from "#runtime";
import { CacheSet } from "../cache/index.ts";
import { createCatalogue } from "../catalogue/index.ts";
import type { ApiServerOptions, ExtensibleApiServer, ServerRequest, ServerResponse } from "../contract.ts";
import { CrdController } from "../crd/index.ts";
import { createDiscovery, type Discovery } from "../discovery/index.ts";
import { collectGarbage } from "../gc/index.ts";
import type { ResourceCatalogue, ResourceDefinition } from "../kinds/definition.ts";
import { emptyNamespaces, ensureNamespaces } from "../namespaces/index.ts";
import { createOpenApi, type OpenApi } from "../openapi/index.ts";
import type { RegistryDeps, Target } from "../registry/target.ts";
import { negotiate } from "../represent/index.ts";
import { authorize, verbOf } from "./authorize.ts";
import { plainText, statusAnswer, versionInfo } from "./plain.ts";
import { noSuchResource } from "./resource-request.ts";
import { parseResourcePath, type ResourcePath } from "./route.ts";
import { answerResource } from "./verbs.ts";

const crdGroup = "apiextensions.k8s.io";
const clusterGroup = "cluster.karmada.io";
const compactionMs = 5 * 60_000;

/** Reads what is stored, starts what keeps it in order, and answers requests. Resolves when it is ready. */
export async function createApiServer(options: ApiServerOptions): Promise<ExtensibleApiServer> {
  const { storage, clock, logger } = options;
  const caches = await CacheSet.open(storage);
  const catalogue = createCatalogue();
  catalogue.set("builtin", options.definitions);
  const crds = new CrdController({ clock, logger });
  const admission = [crds.admission, ...(options.admission ?? [])];
  const deps: RegistryDeps = { storage, caches, catalogue, clock, admission };
  const lifecycle = createLifecycle(logger);
  lifecycle.run("watch-cache", (signal) => caches.run(signal));
  await ensureNamespaces(deps);
  lifecycle.run("namespaces", (signal) => emptyNamespaces(deps, logger, signal));
  lifecycle.run("garbage", (signal) => collectGarbage(deps, logger, signal));
  lifecycle.run("compaction", (signal) => compactRegularly(deps, signal));
  const front = new RequestHandler(deps, createDiscovery(catalogue), options);
  const handle = (request: ServerRequest): Promise<ServerResponse> => front.handle(request);
  if (catalogue.find(crdGroup, "v1", "customresourcedefinitions") !== undefined) {
    await crds.start({ handle, catalogue });
    lifecycle.run("crd", (signal) => crds.run(signal));
  }
  return {
    catalogue,
    handle,
    revision: () => caches.revision,
    ready: () => !lifecycle.signal.aborted,
    close: () => lifecycle.stop(),
  };
}

/** Keeps five to ten minutes of history for lists in pages and reads of the past. */
async function compactRegularly(deps: RegistryDeps, signal: AbortSignal): Promise<void> {
  let before = deps.caches.revision;
  for await (const _ of deps.clock.every(compactionMs, signal)) {
    if (before > 0) await deps.storage.compact(before);
    before = deps.caches.revision;
  }
}

class RequestHandler {
  readonly #deps: RegistryDeps;
  readonly #discovery: Discovery;
  readonly #openApi: OpenApi;
  readonly #options: ApiServerOptions;
  readonly #logger: Logger;

  constructor(deps: RegistryDeps, discovery: Discovery, options: ApiServerOptions) {
    this.#deps = deps;
    this.#discovery = discovery;
    this.#openApi = createOpenApi(deps.catalogue, { version: options.version });
    this.#options = options;
    this.#logger = options.logger;
  }

  async handle(request: ServerRequest): Promise<ServerResponse> {
    try {
      return await this.#answer(request);
    } catch (error) {
      if (isStatusError(error)) return statusAnswer(error, request);
      this.#logger.error("request failed", { error });
      return statusAnswer(internalError(errorText(error)), request);
    }
  }

  async #answer(request: ServerRequest): Promise<ServerResponse> {
    const place = parseResourcePath(request.path);
    authorize(request, place);
    const proxied = this.#answerProxy(request, place);
    if (proxied !== undefined) return proxied;
    return place === undefined ? this.#answerPath(request) : this.#answerPlace(request, place);
  }

  /** `clusters/NAME/proxy/PATH` goes on to the member, whatever the rest of the path is. */
  #answerProxy(request: ServerRequest, place: ResourcePath | undefined): Promise<ServerResponse> | undefined {
    if (place?.group !== clusterGroup || place.resource !== "clusters") return undefined;
    const match = /^\/apis\/[^/]+\/[^/]+\/clusters\/[^/]+\/proxy(\/.*)?$/.exec(request.path);
    if (match === null) return undefined;
    const { connect } = this.#options;
    if (connect === undefined) throw noSuchResource();
    return connect({ cluster: place.name, path: match[1] ?? "/" }, request);
  }

  #answerPath(request: ServerRequest): ServerResponse {
    const { path, method } = request;
    if (/^\/(healthz|livez|readyz)(\/|$)/.test(path)) return plainText(200, "ok");
    if (method !== "GET" && method !== "HEAD") throw new StatusError(405, "MethodNotAllowed", "method not allowed", {});
    if (path === "/version" || path === "/version/")
      return { kind: "object", status: 200, object: versionInfo(this.#options.version) };
    const found =
      this.#openApi.answer(path, request.query, request.headers) ?? this.#discovery.answer(path, request.headers);
    if (found === undefined) return plainText(404, "404 page not found\n");
    const { status, headers, object } = found;
    const bytes = "bytes" in found ? found.bytes : undefined;
    if (object === undefined) return { kind: "bytes", status, headers, chunks: bytes === undefined ? [] : [bytes] };
    return { kind: "object", status, headers, object };
  }

  #answerPlace(request: ServerRequest, place: ResourcePath): ServerResponse | Promise<ServerResponse> {
    const { catalogue, clock } = this.#deps;
    const definition = catalogue.find(place.group, place.version, place.resource);
    if (definition === undefined) return unknownResource(catalogue, place);
    if (request.method === "HEAD" && definition.origin === "builtin") throw headRefused();
    const target: Target = {
      definition,
      subresource: place.subresource,
      ...scopeOf(definition, place),
      user: request.user,
      dryRun: false,
      warnings: definition.deprecation === undefined ? [] : [definition.deprecation],
    };
    const rendering = {
      definition,
      representation: negotiate(request.headers.accept, definition.origin),
      includeObject: request.query.get("includeObject") ?? "",
      nowMs: clock.now(),
      headers: {},
    };
    return answerResource(this.#deps, { request, target, verb: verbOf(request, place), rendering });
  }
}

const headRefused = (): StatusError =>
  new StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});

/** A cluster-scoped resource is in no namespace. @throws StatusError 404 when the path names one. */
function scopeOf(definition: ResourceDefinition, place: ResourcePath): Pick<Target, "namespace" | "name"> {
  const { namespace, name } = place;
  if (!definition.namespaced && namespace !== "") throw noSuchResource();
  return { namespace, name };
}

/** Kubernetes knows its own groups and says so in JSON; a group nobody serves is just a wrong path. */
function unknownResource(catalogue: ResourceCatalogue, { group }: ResourcePath): ServerResponse {
  const builtin = catalogue.all().some((one) => one.group === group && one.origin === "builtin");
  if (builtin) throw noSuchResource();
  return plainText(404, "404 page not found\n");
}
