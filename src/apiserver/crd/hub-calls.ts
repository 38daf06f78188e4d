import { type KubeList, type KubeObject, parseJson, statusErrorFrom } from "#machinery";
import type { ApiServer, ServerRequest, User } from "../contract.ts";

/** The server itself, acting on its own objects. */
const self: User = { name: "system:apiserver", groups: ["system:masters", "system:authenticated"] };

export interface OwnCalls {
  list(path: string): Promise<KubeList>;
  put(path: string, object: KubeObject): Promise<KubeObject>;
  remove(path: string): Promise<void>;
  watch(path: string, resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchedObject>;
}

interface WatchedObject {
  readonly type: string;
  readonly object: KubeObject;
}

/** Requests of the server to itself, through the same door as everybody's. @throws StatusError where one is refused. */
export function ownCalls(server: Pick<ApiServer, "handle">): OwnCalls {
  return {
    list: async (path) => (await call(server, { method: "GET", path })) as KubeList,
    put: async (path, value) =>
      (await call(server, { method: "PUT", path, body: { kind: "object", value } })) as KubeObject,
    remove: async (path) => {
      await call(server, { method: "DELETE", path });
    },
    watch: (path, resourceVersion, signal) => watch(server, { path, resourceVersion, signal }),
  };
}

type Request = Pick<ServerRequest, "method" | "path"> & Partial<ServerRequest>;

const requestOf = (request: Request): ServerRequest => ({
  query: new URLSearchParams(),
  headers: { accept: "application/json" },
  user: self,
  signal: new AbortController().signal,
  ...request,
});

async function call(server: Pick<ApiServer, "handle">, request: Request): Promise<unknown> {
  const response = await server.handle(requestOf(request));
  if (response.kind === "watch") throw new TypeError("a watch was answered where an object was asked for");
  const body = response.kind === "object" ? response.object : await parsed(response.chunks);
  if (response.status >= 400) throw statusErrorFrom(response.status, body);
  return body;
}

async function parsed(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<unknown> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return parseJson(Buffer.concat(parts).toString("utf8"));
}

async function* watch(
  server: Pick<ApiServer, "handle">,
  { path, resourceVersion, signal }: { path: string; resourceVersion: string; signal: AbortSignal },
): AsyncIterable<WatchedObject> {
  const query = new URLSearchParams({ watch: "true", resourceVersion });
  const response = await server.handle(requestOf({ method: "GET", path, query, signal }));
  if (response.kind !== "watch") throw statusErrorFrom(response.status, response.kind === "object" && response.object);
  for await (const event of response.events) {
    if (event.type === "ERROR") throw statusErrorFrom(410, event.object);
    yield { type: event.type, object: event.object as KubeObject };
  }
}
