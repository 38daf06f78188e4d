import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { ServerRequest, ServerResponse } from "#apiserver";
import { notFound } from "#machinery";
import { type ClusterProxy, clusterProxy, memberPath } from "./proxy.ts";

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A member that tells what it was asked, and streams on /watch. */
async function startMember(): Promise<{
  readonly url: string;
  readonly seen: IncomingMessage[];
  readonly server: Server;
}> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    if (request.url?.startsWith("/watch") === true) {
      response.writeHead(200, { "content-type": "application/json" }).write('{"type":"ADDED"}\n');
      return;
    }
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      response.writeHead(201, { "content-type": "application/json", "set-cookie": "a=b", "retry-after": "3" });
      response.end(JSON.stringify({ body }));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  open.push({
    close: () =>
      new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      }),
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
}

function proxyTo(url: string | undefined, secrets: Record<string, Record<string, string>>): ClusterProxy {
  const proxy = clusterProxy({
    cluster: async (name) => ({
      apiVersion: "cluster.karmada.io/v1alpha1",
      kind: "Cluster",
      metadata: { name },
      spec: {
        syncMode: "Push",
        ...(url === undefined ? {} : { apiEndpoint: url }),
        impersonatorSecretRef: { namespace: "karmada-cluster", name: `${name}-impersonator` },
      },
    }),
    secret: async ({ name }) => {
      const data = secrets[name];
      if (data === undefined) throw notFound({ group: "", resource: "secrets" }, name);
      return { apiVersion: "v1", kind: "Secret", metadata: { name }, data };
    },
  });
  open.push(proxy);
  return proxy;
}

const secrets = { "m1-impersonator": { token: Buffer.from("imp-token").toString("base64") } };

function requestOf(more: Partial<ServerRequest> = {}): ServerRequest {
  return {
    method: "GET",
    path: "/unused",
    query: new URLSearchParams(),
    headers: {},
    user: { name: "alice", groups: ["dev", "ops", "system:authenticated"] },
    signal: new AbortController().signal,
    ...more,
  };
}

async function textOf(response: ServerResponse): Promise<string> {
  if (response.kind !== "bytes") throw new Error(`answered ${response.kind}`);
  let text = "";
  for await (const chunk of response.chunks) text += Buffer.from(chunk).toString();
  return text;
}

test("a request reaches the member on behalf of the caller, without the caller's own credentials", async () => {
  const member = await startMember();
  const response = await proxyTo(member.url, secrets).connect(
    { cluster: "m1", path: "/api/v1/namespaces/shop/pods" },
    requestOf({
      method: "POST",
      query: new URLSearchParams({ dryRun: "All", labelSelector: "a=b c" }),
      headers: {
        authorization: "Bearer callers",
        cookie: "x=y",
        host: "evil",
        "impersonate-user": "root",
        accept: "application/json",
        "content-type": "application/json",
      },
      body: { kind: "bytes", bytes: Buffer.from('{"n":12345678901234567890}') },
    }),
  );
  expect(response.kind === "bytes" && [response.status, response.headers]).toEqual([
    201,
    { "content-type": "application/json", "retry-after": "3" },
  ]);
  expect(await textOf(response)).toBe(JSON.stringify({ body: '{"n":12345678901234567890}' }));
  const [seen] = member.seen;
  expect(seen?.url).toBe("/api/v1/namespaces/shop/pods?dryRun=All&labelSelector=a%3Db+c");
  expect(seen?.headersDistinct).toMatchObject({
    authorization: ["Bearer imp-token"],
    "impersonate-user": ["alice"],
    "impersonate-group": ["dev", "ops"],
    host: [new URL(member.url).host],
  });
  expect(seen?.headers.cookie).toBe(undefined);
});

test("a watch is streamed, and ends at the member when the caller goes away", async () => {
  const member = await startMember();
  const gone = new AbortController();
  const response = await proxyTo(member.url, secrets).connect(
    { cluster: "m1", path: "/watch" },
    requestOf({ signal: gone.signal }),
  );
  if (response.kind !== "bytes") throw new Error("no stream");
  const closed = new Promise((done) => member.seen[0]?.once("close", done));
  for await (const chunk of response.chunks) {
    expect(Buffer.from(chunk).toString()).toBe('{"type":"ADDED"}\n');
    gone.abort();
  }
  await closed;
});

test.for([
  "/../secrets",
  "/api/%2e%2e/x",
  "/api/%2E./x",
  "/api/..%2fx",
  "/api%2f..%2f..",
  "/a/%252e%252e/b",
  "//evil.example/x",
  "/api/v1//pods",
  "/api\\..\\x",
  "/a%5c..",
  "/a%00b",
  "/a/%zz",
  "/.",
])("the path %s does not leave the member's root", (path) => {
  expect(() => memberPath(path)).toThrow(/cannot be proxied/);
});

test.for(["/", "/api", "/api/v1/namespaces/a/services/https:web:443/proxy/", "/apis/x/v1/roles/system%3Ademo"])(
  "the path %s passes as it is",
  (path) => {
    expect(memberPath(path)).toBe(path);
  },
);

test("what cannot be reached or is not set up is said by name", async () => {
  const member = await startMember();
  const ask = (proxy: ClusterProxy, more: Partial<ServerRequest> = {}) =>
    proxy.connect({ cluster: "m1", path: "/api" }, requestOf(more)).catch((error: unknown) => String(error));
  expect(await ask(proxyTo(undefined, secrets))).toMatch(/the apiEndpoint of cluster m1 should not be empty/);
  expect(await ask(proxyTo(member.url, {}))).toMatch(/secrets "m1-impersonator" not found/);
  expect(await ask(proxyTo(member.url, { "m1-impersonator": {} }))).toMatch(
    /impersonator token of cluster m1 is empty/,
  );
  expect(await ask(proxyTo("http://127.0.0.1:1", secrets))).toMatch(
    /cluster m1 cannot be reached: connect ECONNREFUSED/,
  );
  expect(await ask(proxyTo(member.url, secrets), { headers: { upgrade: "websocket" } })).toMatch(/not supported/);
  expect(await ask(proxyTo(member.url, secrets), { method: "TRACE" })).toMatch(/not proxied/);
  expect(await ask(proxyTo(member.url, secrets), { user: { name: "a\r\nx: y", groups: [] } })).toMatch(
    /cannot be reached/,
  );
});
