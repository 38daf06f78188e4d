import type { Clock } from "#base";
import {
  type GroupVersionResource,
  type KubeList,
  type KubeObject,
  objectKeyOf,
  statusErrorFrom,
  type WatchEvent,
} from "#machinery";
import { systemClock } from "#runtime";
import type {
  ApiRequest,
  ApiResponse,
  ApiTransport,
  KubeClient,
  Patch,
  WatchOptions,
  WriteOptions,
} from "./contract.ts";
import { readCatalogue } from "./discovery.ts";
import { collectionPath, deleteBody, listQuery, objectPath, watchQuery, writeQuery } from "./paths.ts";
import { errorOfAnswer } from "./retry-after.ts";

/** One finished request. `status` is 0 where no answer came. A watch counts once, when it is opened. */
export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  readonly watch: boolean;
  readonly status: number;
  readonly ms: number;
}

export interface ClientOptions {
  /** A cluster's name, or `hub`. */
  readonly name: string;
  readonly transport: ApiTransport;
  /** Called after each request. For metrics and for tests that count. */
  readonly onRequest?: (record: RequestRecord) => void;
  readonly clock?: Clock;
}

const patchTypes: Readonly<Record<Patch["type"], string>> = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

export function createClient(options: ClientOptions): KubeClient {
  const { name, transport } = options;
  const raw = (request: ApiRequest, signal?: AbortSignal): Promise<ApiResponse> => counted(options, request, signal);
  const call = async <T>(request: ApiRequest, signal: AbortSignal | undefined): Promise<T> => {
    const answer = await raw(request, signal);
    if (answer.status >= 400) throw errorOfAnswer(answer.status, answer.headers, answer.body);
    return answer.body as T;
  };
  return {
    name,
    raw,
    get: (type, key, signal) => call({ method: "GET", path: objectPath(type, key) }, signal),
    list: async <T extends KubeObject>(...[type, list = {}, signal]: Parameters<KubeClient["list"]>) =>
      typedList(
        await call<KubeList<T>>(
          { method: "GET", path: collectionPath(type, list.namespace), query: listQuery(list) },
          signal,
        ),
      ),
    watch: (type, watch, signal) => events(options, watchRequest(type, watch), signal),
    create: (type, object, write = {}, signal) => {
      const { namespace, name: objectName } = object.metadata;
      const path =
        write.subresource === undefined
          ? collectionPath(type, namespace)
          : objectPath(type, { namespace, name: objectName ?? "" }, write.subresource);
      return call({ method: "POST", path, query: writeQuery(write), body: object }, signal);
    },
    update: (type, object, write = {}, signal) => {
      const path = objectPath(type, objectKeyOf(object), write.subresource);
      return call({ method: "PUT", path, query: writeQuery(write), body: object }, signal);
    },
    patch: (target, patch, write = {}, signal) => call(patchRequest(target, patch, write), signal),
    delete: (target, remove = {}, signal) =>
      call({ method: "DELETE", path: objectPath(target.type, target.key), body: deleteBody(remove) }, signal),
    discover: (signal) => readCatalogue(raw, signal),
    close: () => transport.close(),
  };
}

function watchRequest(type: GroupVersionResource, watch: WatchOptions): ApiRequest {
  const path = collectionPath(type, watch.namespace);
  const open = watch.onOpen === undefined ? {} : { onOpen: watch.onOpen };
  return { method: "GET", path, query: watchQuery(watch), ...open };
}

function patchRequest(target: Parameters<KubeClient["patch"]>[0], patch: Patch, write: WriteOptions): ApiRequest {
  return {
    method: "PATCH",
    path: objectPath(target.type, target.key, write.subresource),
    query: { ...writeQuery(write), force: patch.force === true ? "true" : undefined },
    contentType: patchTypes[patch.type],
    body: patch.body,
  };
}

async function counted(options: ClientOptions, request: ApiRequest, signal?: AbortSignal): Promise<ApiResponse> {
  const { onRequest, transport, clock = systemClock } = options;
  if (onRequest === undefined) return transport.request(request, signal);
  const started = clock.monotonicMs();
  let status = 0;
  try {
    const answer = await transport.request(request, signal);
    status = answer.status;
    return answer;
  } finally {
    onRequest({ method: request.method, path: request.path, watch: false, status, ms: clock.monotonicMs() - started });
  }
}

async function* events<T extends KubeObject>(
  options: ClientOptions,
  request: ApiRequest,
  signal: AbortSignal,
): AsyncIterable<WatchEvent<T>> {
  options.onRequest?.({ method: request.method, path: request.path, watch: true, status: 200, ms: 0 });
  for await (const item of options.transport.stream(request, signal)) {
    if (item.type === "ERROR") throw statusErrorFrom((item.object as { code?: number }).code ?? 500, item.object);
    yield item as WatchEvent<T>;
  }
}

/** Items of built-in kinds come without apiVersion and kind; they are filled in from the list's own. */
function typedList<T extends KubeObject>(list: KubeList<T>): KubeList<T> {
  const kind = list.kind.replace(/List$/, "");
  const items = (list.items ?? []).map((item) =>
    item.kind === undefined ? { ...item, apiVersion: list.apiVersion, kind } : item,
  );
  return { ...list, items };
}
