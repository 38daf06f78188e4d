import type { Readable } from "node:stream";
import { type Dispatcher, Pool } from "undici";
import type { Cluster, LocalSecretReference } from "#api/cluster";
import type { ConnectHandler, ServerRequest, ServerResponse, User } from "#apiserver";
import { errorText } from "#base";
import { badRequest, encodeJson, type KubeObject, methodNotAllowed, StatusError } from "#machinery";

export interface Secret extends KubeObject {
  /** Values in base64. */
  readonly data?: Readonly<Record<string, string>>;
}

export interface ClusterProxyDeps {
  /** @throws StatusError NotFound. */
  readonly cluster: (name: string) => Promise<Cluster>;
  readonly secret: (reference: LocalSecretReference) => Promise<Secret>;
}

export interface ClusterProxy {
  readonly connect: ConnectHandler;
  close(): Promise<void>;
}

/** How one member is dialled. Two equal ones share a pool. */
interface Endpoint {
  readonly server: string;
  readonly token: string;
  readonly ca: string | undefined;
  readonly insecure: boolean;
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
/** All that a member needs to know of a request. Credentials, cookies, hop-by-hop and forwarding headers stay here. */
const passedRequestHeaders = ["accept", "content-type", "user-agent", "if-none-match", "if-match"];
const passedResponseHeaders = [
  "content-type",
  "warning",
  "retry-after",
  "etag",
  "cache-control",
  "last-modified",
  "audit-id",
  "x-kubernetes-pf-flowschema-uid",
  "x-kubernetes-pf-prioritylevel-uid",
];

/**
 * Takes requests for `clusters/<name>/proxy/<path>` to the member: with the impersonator's token, on behalf of whoever
 * asks. Nobody gets more rights in a member than the member gives to that user.
 */
export function clusterProxy(deps: ClusterProxyDeps): ClusterProxy {
  const pools = new Map<string, { readonly key: string; readonly pool: Pool }>();

  function poolFor(cluster: string, endpoint: Endpoint): Pool {
    const key = JSON.stringify(endpoint);
    const known = pools.get(cluster);
    if (known?.key === key) return known.pool;
    void known?.pool.close();
    const pool = new Pool(new URL(endpoint.server).origin, {
      connections: null,
      allowH2: false,
      connect: {
        timeout: 10_000,
        rejectUnauthorized: !endpoint.insecure,
        ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca }),
      },
    });
    pools.set(cluster, { key, pool });
    return pool;
  }

  async function connect(
    target: { readonly cluster: string; readonly path: string },
    request: ServerRequest,
  ): Promise<ServerResponse> {
    const refused = refusalOf(request);
    if (refused !== undefined) throw refused;
    const path = memberPath(target.path);
    const endpoint = await endpointOf(target.cluster, deps);
    const base = new URL(endpoint.server).pathname.replace(/\/+$/, "");
    const query = request.query.toString();
    const answer = await send(poolFor(target.cluster, endpoint), target.cluster, {
      request,
      path: `${base}${path}${query === "" ? "" : `?${query}`}`,
      token: endpoint.token,
    });
    return {
      kind: "bytes",
      status: answer.statusCode,
      headers: pickHeaders(answer.headers, passedResponseHeaders),
      chunks: untilAborted(answer.body, request.signal),
    };
  }

  return {
    connect,
    async close() {
      await Promise.all([...pools.values()].map(({ pool }) => pool.destroy()));
      pools.clear();
    },
  };
}

function refusalOf(request: ServerRequest): StatusError | undefined {
  if (!methods.includes(request.method)) return methodNotAllowed(`method ${request.method} is not proxied`);
  if (request.headers.upgrade !== undefined)
    return badRequest("upgraded connections (exec, attach, port-forward) are not supported through the cluster proxy");
  return undefined;
}

/**
 * The path as it is sent on: what the caller wrote, if it stays below the member's API root however often it is decoded.
 *
 * @throws StatusError for dot segments, encoded slashes, backslashes, control characters and broken encoding.
 */
export function memberPath(path: string): string {
  if (path === "" || path === "/") return "/";
  const segments = path.replace(/^\//, "").split("/");
  if (segments.at(-1) === "") segments.pop();
  if (segments.some(isUnsafeSegment)) throw badRequest(`the path ${JSON.stringify(path)} cannot be proxied`);
  return path.startsWith("/") ? path : `/${path}`;
}

function isUnsafeSegment(segment: string): boolean {
  try {
    const once = decodeURIComponent(segment);
    return [once, /%[0-9a-f]{2}/i.test(once) ? decodeURIComponent(once) : once].some(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not pass
      (text) => text === "" || text === "." || text === ".." || /[/\\\u0000-\u001f\u007f]/.test(text),
    );
  } catch {
    return true;
  }
}

async function endpointOf(name: string, deps: ClusterProxyDeps): Promise<Endpoint> {
  const { spec } = await deps.cluster(name);
  if (spec.apiEndpoint === undefined || spec.apiEndpoint === "")
    throw unavailable(`the apiEndpoint of cluster ${name} should not be empty`);
  if (spec.impersonatorSecretRef === undefined)
    throw unavailable(`the impersonatorSecretRef of cluster ${name} is nil`);
  const token = textOf(await deps.secret(spec.impersonatorSecretRef), "token");
  if (token === undefined) throw unavailable(`the impersonator token of cluster ${name} is empty`);
  const ca = spec.secretRef === undefined ? undefined : textOf(await deps.secret(spec.secretRef), "caBundle");
  return { server: spec.apiEndpoint, token, ca, insecure: spec.insecureSkipTLSVerification === true };
}

function textOf(secret: Secret, key: string): string | undefined {
  const value = secret.data?.[key];
  return value === undefined || value === "" ? undefined : Buffer.from(value, "base64").toString("utf8");
}

export const unavailable = (message: string): StatusError => new StatusError(503, "ServiceUnavailable", message);

async function send(
  pool: Pool,
  cluster: string,
  what: { readonly request: ServerRequest; readonly path: string; readonly token: string },
): Promise<Dispatcher.ResponseData> {
  const { request, path, token } = what;
  try {
    return await pool.request({
      path,
      method: request.method as Dispatcher.HttpMethod,
      headers: requestHeaders(request, token),
      body: bodyOf(request),
      signal: request.signal,
      headersTimeout: 60_000,
      bodyTimeout: 0,
    });
  } catch (error) {
    if (request.signal.aborted) throw error;
    const text = error instanceof AggregateError ? errorText(error.errors[0]) : errorText(error);
    throw unavailable(`cluster ${cluster} cannot be reached: ${text}`);
  }
}

function bodyOf(request: ServerRequest): Uint8Array | string | null {
  if (request.body === undefined) return null;
  return request.body.kind === "bytes" ? request.body.bytes : encodeJson(request.body.value);
}

function requestHeaders(request: ServerRequest, token: string): string[] {
  const passed = Object.entries(pickHeaders(request.headers, passedRequestHeaders)).flat();
  const inProcess = request.body?.kind === "object" && request.headers["content-type"] === undefined;
  return [
    ...passed,
    ...(inProcess ? ["content-type", "application/json"] : []),
    "authorization",
    `Bearer ${token}`,
    ...impersonationHeaders(request.user),
  ];
}

/** The groups that every server adds by itself are not passed on. */
function impersonationHeaders(user: User): readonly string[] {
  const groups = user.groups.filter((group) => group !== "system:authenticated" && group !== "system:unauthenticated");
  return ["impersonate-user", user.name, ...groups.flatMap((group) => ["impersonate-group", group])];
}

function pickHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  names: readonly string[],
): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) picked[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return picked;
}

/** The member's bytes as they come. A caller that goes away ends the member's answer too. */
async function* untilAborted(body: Readable, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const stop = (): void => {
    body.on("error", () => undefined).destroy();
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of body) yield chunk as Uint8Array;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}
