import { mkdtemp, rm } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { silentLogger, systemClock } from "#runtime";
import { createMemoryStorage } from "#storage/memory";
import { hubDefinitions } from "../crd/index.ts";
import { type Certificates, ensurePki } from "../pki/index.ts";
import { createApiServer } from "../server/index.ts";
import { listen, type TlsServer } from "./listen.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Front {
  readonly server: TlsServer;
  readonly certificates: Certificates;
}

async function start(): Promise<Front> {
  const directory = await mkdtemp(join(tmpdir(), "drover-front-"));
  const certificates = await ensurePki({ directory, hosts: ["127.0.0.1"], nowMs: systemClock.now() });
  const options = { clock: systemClock, logger: silentLogger, version: "v1.36.0", profile: "hub" } as const;
  const apiServer = await createApiServer({
    ...options,
    storage: createMemoryStorage(),
    definitions: hubDefinitions(),
  });
  const server = await listen({ apiServer, certificates, host: "127.0.0.1", port: 0 });
  cleanups.push(
    () => rm(directory, { recursive: true }),
    () => apiServer.close(),
    () => server.close(),
  );
  return { server, certificates };
}

interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly anonymous?: boolean;
  /** Reads this many lines, then leaves. */
  readonly lines?: number;
}

function ask({ server, certificates }: Front, of: Ask): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: server.host,
        port: server.port,
        ca: certificates.ca,
        ...(of.anonymous === true ? {} : { cert: certificates.adminCert, key: certificates.adminKey }),
        method: of.method ?? "GET",
        path: of.path,
        headers: { "content-type": "application/json", ...of.headers },
        agent: false,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          if (of.lines !== undefined && text.split("\n").length > of.lines) response.destroy();
        });
        response.on("close", () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    request.on("error", reject);
    request.end(of.body);
  });
}

const maps = "/api/v1/namespaces/default/configmaps";
const configMap = (name: string, data: object = {}) =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });

test("only health is open to callers without a certificate", async () => {
  const front = await start();
  expect(await ask(front, { path: "/readyz", anonymous: true })).toEqual({ status: 200, text: "ok" });
  expect((await ask(front, { path: maps, anonymous: true })).status).toBe(401);
  const token = { authorization: "Bearer nonsense" };
  expect((await ask(front, { path: "/healthz", anonymous: true, headers: token })).status).toBe(401);
});

test("an administrator writes, reads, watches and lists in YAML", async () => {
  const front = await start();
  expect((await ask(front, { method: "POST", path: maps, body: configMap("a", { x: "1" }) })).status).toBe(201);
  const list = JSON.parse((await ask(front, { path: maps })).text) as { kind: string; items: { data: object }[] };
  expect([list.kind, list.items.map((item) => item.data)]).toEqual(["ConfigMapList", [{ x: "1" }]]);
  const watched = await ask(front, { path: `${maps}?watch=true`, lines: 1 });
  expect(JSON.parse(watched.text.split("\n")[0] ?? "")).toMatchObject({ type: "ADDED", object: { data: { x: "1" } } });
  const yaml = await ask(front, { path: `${maps}/a`, headers: { accept: "application/yaml" } });
  expect(yaml.text).toContain("kind: ConfigMap\n");
  const metrics = await ask(front, { path: "/metrics" });
  expect(metrics.text).toContain('apiserver_request_total{verb="CREATE",group="",version="v1",resource="configmaps"');
});

test("a body beyond three megabytes is refused, and the server goes on", async () => {
  const front = await start();
  const body = configMap("a", { x: "x".repeat(3_200_000) });
  const answer = await ask(front, { method: "POST", path: maps, body });
  expect([answer.status, JSON.parse(answer.text)]).toEqual([
    413,
    expect.objectContaining({ message: "Request entity too large: limit is 3145728" }),
  ]);
  expect((await ask(front, { path: "/healthz" })).text).toBe("ok");
});

test("who is impersonated has that user's rights", async () => {
  const front = await start();
  const answer = await ask(front, { path: maps, headers: { "impersonate-user": "eve" } });
  expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('User \\"eve\\" cannot list')]);
});

test("an impersonated ServiceAccount is in the groups of ServiceAccounts, unless others are named", async () => {
  const front = await start();
  const groupsOf = async (headers: Record<string, string>): Promise<unknown> => {
    const body = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" });
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const answer = await ask(front, { method: "POST", path, body, headers });
    return (JSON.parse(answer.text) as { status: { userInfo: { groups: unknown } } }).status.userInfo.groups;
  };
  const account = { "impersonate-user": "system:serviceaccount:shop:robot" };
  expect(await groupsOf(account)).toEqual([
    "system:serviceaccounts",
    "system:serviceaccounts:shop",
    "system:authenticated",
  ]);
  expect(await groupsOf({ ...account, "impersonate-group": "devs" })).toEqual(["devs", "system:authenticated"]);
});

test("closing ends open watches and takes nobody new", async () => {
  const front = await start();
  const watching = ask(front, { path: `${maps}?watch=true` });
  await ask(front, { path: "/healthz" });
  await front.server.close();
  expect((await watching).status).toBe(200);
  await expect(ask(front, { path: "/healthz" })).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
