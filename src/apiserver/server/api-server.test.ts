import { afterEach, expect, test } from "vitest";
import type { KubeList, KubeObject } from "#machinery";
import { silentLogger, systemClock } from "#runtime";
import { createMemoryStorage } from "#storage/memory";
import type { ExtensibleApiServer, ServerResponse } from "../contract.ts";
import { hubDefinitions } from "../crd/index.ts";
import { createApiServer } from "./api-server.ts";

const running: ExtensibleApiServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

async function start(): Promise<Caller> {
  const server = await createApiServer({
    storage: createMemoryStorage(),
    clock: systemClock,
    logger: silentLogger,
    version: "v1.36.0",
    profile: "hub",
    definitions: hubDefinitions(),
  });
  running.push(server);
  return new Caller(server);
}

interface Answer {
  readonly status: number;
  readonly body: KubeObject & KubeList & { readonly message?: string };
  readonly headers: Readonly<Record<string, string>>;
}

class Caller {
  readonly #server: ExtensibleApiServer;

  constructor(server: ExtensibleApiServer) {
    this.#server = server;
  }

  async call(line: string, body?: unknown, type = "application/json"): Promise<Answer> {
    const response = await this.respond(line, body, type);
    if (response.kind !== "object") throw new Error(`${line} answered ${response.kind}`);
    return { status: response.status, body: response.object as Answer["body"], headers: response.headers ?? {} };
  }

  respond(line: string, body?: unknown, type = "application/json", signal?: AbortSignal): Promise<ServerResponse> {
    const [method = "GET", url = "/"] = line.split(" ");
    const [path = "/", search = ""] = url.split("?");
    return this.#server.handle({
      method,
      path,
      query: new URLSearchParams(search),
      headers: { "content-type": type },
      user: { name: "admin", groups: ["system:masters"] },
      ...(body === undefined ? {} : { body: bodyOf(body) }),
      signal: signal ?? new AbortController().signal,
    });
  }

  /** Asks until the answer satisfies. */
  async until(line: string, satisfied: (answer: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const answer = await this.call(line);
      if (satisfied(answer)) return answer;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const bodyOf = (body: unknown) =>
  typeof body === "string"
    ? ({ kind: "bytes", bytes: new TextEncoder().encode(body) } as const)
    : ({ kind: "object", value: body } as const);

const maps = "/api/v1/namespaces/default/configmaps";
const configMap = (name: string, more: object = {}, data: object = { a: "1" }) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...more },
  data,
});

test("an object is created, read, changed under its version, and deleted", async () => {
  const hub = await start();
  const created = await hub.call(`POST ${maps}`, configMap("a"));
  expect(created.status).toBe(201);
  const { uid, resourceVersion, creationTimestamp } = created.body.metadata as KubeObject["metadata"];
  expect({ uid, creationTimestamp }).toEqual({
    uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  const changed = await hub.call(`PUT ${maps}/a`, configMap("a", { resourceVersion }, { a: "2" }));
  expect(changed.body.data).toEqual({ a: "2" });
  const stale = await hub.call(`PUT ${maps}/a`, configMap("a", { resourceVersion }, { a: "3" }));
  expect([stale.status, stale.body.message]).toEqual([
    409,
    'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  ]);
  expect((await hub.call(`DELETE ${maps}/a`)).body.status).toBe("Success");
  expect((await hub.call(`GET ${maps}/a`)).status).toBe(404);
});

test("a write that changes nothing moves nothing", async () => {
  const hub = await start();
  const created = await hub.call(`POST ${maps}`, configMap("a"));
  const put = await hub.call(`PUT ${maps}/a`, configMap("a"));
  expect(put.body.metadata).toEqual(created.body.metadata);
});

test("in process everybody gets the same frozen object", async () => {
  const hub = await start();
  const created = await hub.call(`POST ${maps}`, configMap("a"));
  const listed = await hub.call(`GET ${maps}`);
  const read = await hub.call(`GET ${maps}/a`);
  expect(listed.body.items[0]).toBe(read.body);
  expect(read.body).toBe(created.body);
  expect(Object.isFrozen(read.body.metadata)).toBe(true);
});

test("a list in pages is consistent with its first page", async () => {
  const hub = await start();
  for (const name of ["a", "c", "e"]) await hub.call(`POST ${maps}`, configMap(name));
  const first = await hub.call(`GET ${maps}?limit=1`);
  expect(first.body.metadata).toMatchObject({ remainingItemCount: 2 });
  await hub.call(`POST ${maps}`, configMap("b"));
  await hub.call(`DELETE ${maps}/e`);
  const rest = await hub.call(`GET ${maps}?continue=${first.body.metadata.continue}`);
  expect(rest.body.items.map((item) => item.metadata.name)).toEqual(["c", "e"]);
});

test("a list as text is the list as objects, items of built-in kinds without kind", async () => {
  const hub = await start();
  await hub.call(`POST ${maps}`, configMap("a"));
  const response = await hub.respond(`GET ${maps}`);
  const text = response.kind === "object" ? Buffer.concat([...(response.text?.() ?? [])]).toString() : "";
  const parsed = JSON.parse(text) as KubeList;
  expect(parsed.kind).toBe("ConfigMapList");
  expect(Object.keys(parsed.items[0] ?? {})).toEqual(["metadata", "data"]);
});

test("a watch from a version tells what came after, each encoded once", async () => {
  const hub = await start();
  const created = await hub.call(`POST ${maps}`, configMap("a"));
  await hub.call(`PATCH ${maps}/a`, { data: { a: "2" } }, "application/merge-patch+json");
  await hub.call(`DELETE ${maps}/a`);
  const stop = new AbortController();
  const url = `GET ${maps}?watch=true&resourceVersion=${created.body.metadata.resourceVersion}`;
  const lines: Uint8Array[] = [];
  for (const _ of [1, 2]) {
    const response = await hub.respond(url, undefined, undefined, stop.signal);
    if (response.kind !== "watch") throw new Error("no watch");
    const types: string[] = [];
    for await (const event of response.events) {
      types.push(event.type);
      lines.push(event.line());
      if (types.length === 2) break;
    }
    expect(types).toEqual(["MODIFIED", "DELETED"]);
  }
  expect(lines[0]).toBe(lines[2]);
});

test("unknown fields are dropped with a warning, refused when strict", async () => {
  const hub = await start();
  const body = { ...configMap("a"), extra: 1 };
  const warned = await hub.call(`POST ${maps}`, body);
  expect(warned.headers.warning).toBe('299 - "unknown field \\"extra\\""');
  expect(warned.body.extra).toBeUndefined();
  const strict = await hub.call(`POST ${maps}?fieldValidation=Strict`, { ...body, metadata: { name: "b" } });
  expect([strict.status, strict.body.message]).toEqual([
    400,
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "extra"',
  ]);
});

test("ten thousand levels of JSON are refused, not died of", async () => {
  const hub = await start();
  const deep = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":${"[".repeat(10_001)}${"]".repeat(10_001)}}`;
  const answer = await hub.call(`POST ${maps}`, deep);
  expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining("exceeded max depth")]);
});

test("a namespace that is deleted refuses content, empties itself and goes", async () => {
  const hub = await start();
  await hub.call("POST /api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "t" } });
  const inside = "/api/v1/namespaces/t/configmaps";
  await hub.call(`POST ${inside}`, configMap("held", { finalizers: ["example.com/keep"] }));
  await hub.call(`POST ${inside}`, configMap("free"));
  const going = await hub.call("DELETE /api/v1/namespaces/t");
  expect(going.body).toMatchObject({ status: { phase: "Terminating" }, spec: { finalizers: ["kubernetes"] } });
  expect((await hub.call(`POST ${inside}`, configMap("late"))).status).toBe(403);
  await hub.until(`GET ${inside}`, (answer) => answer.body.items.length === 1);
  await hub.call(`PATCH ${inside}/held`, { metadata: { finalizers: null } }, "application/merge-patch+json");
  await hub.until("GET /api/v1/namespaces/t", (answer) => answer.status === 404);
});

test("dependents go with their last owner, in the background, and stay when orphaned", async () => {
  const hub = await start();
  const owned = (name: string, owner: KubeObject) =>
    configMap(name, {
      ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: owner.metadata.name, uid: owner.metadata.uid }],
    });
  const first = (await hub.call(`POST ${maps}`, configMap("first"))).body;
  await hub.call(`POST ${maps}`, owned("child", first));
  await hub.call(`DELETE ${maps}/first`);
  await hub.until(`GET ${maps}/child`, (answer) => answer.status === 404);
  const second = (await hub.call(`POST ${maps}`, configMap("second"))).body;
  await hub.call(`POST ${maps}`, owned("orphan", second));
  await hub.call(`DELETE ${maps}/second?propagationPolicy=Orphan`);
  await hub.until(`GET ${maps}/second`, (answer) => answer.status === 404);
  const orphan = await hub.call(`GET ${maps}/orphan`);
  expect([orphan.status, orphan.body.metadata.ownerReferences]).toEqual([200, undefined]);
});

test("a strategic merge patch of a Deployment merges containers by name and moves the generation", async () => {
  const hub = await start();
  const deployments = "/apis/apps/v1/namespaces/default/deployments";
  const template = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "c", image: "i:1" }] } };
  const spec = { replicas: 1, selector: { matchLabels: { app: "a" } }, template };
  await hub.call(`POST ${deployments}`, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" }, spec });
  const patch = { spec: { template: { spec: { containers: [{ name: "c", env: [{ name: "E", value: "1" }] }] } } } };
  const patched = await hub.call(`PATCH ${deployments}/a`, patch, "application/strategic-merge-patch+json");
  expect(patched.body.metadata).toMatchObject({ generation: 2 });
  expect(patched.body.spec).toMatchObject({
    template: { spec: { containers: [{ name: "c", image: "i:1", env: [{ name: "E", value: "1" }] }] } },
  });
  const scaled = await hub.call(
    `PATCH ${deployments}/a/scale`,
    { spec: { replicas: 3 } },
    "application/merge-patch+json",
  );
  expect(scaled.body).toMatchObject({ kind: "Scale", spec: { replicas: 3 } });
});

test("somebody outside system:masters is refused in Kubernetes' words", async () => {
  const hub = await start();
  const response = await running[0]?.handle({
    method: "GET",
    path: maps,
    query: new URLSearchParams(),
    headers: {},
    user: { name: "eve", groups: ["system:authenticated"] },
    signal: new AbortController().signal,
  });
  expect(response).toMatchObject({
    status: 403,
    object: {
      message:
        'configmaps is forbidden: User "eve" cannot list resource "configmaps" in API group "" in the namespace "default"',
    },
  });
  expect((await hub.respond("GET /healthz")).kind).toBe("bytes");
});

test("who am I, may I: answered from the caller and never stored", async () => {
  const hub = await start();
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const whoami = await hub.call("POST /apis/authentication.k8s.io/v1/selfsubjectreviews", review);
  expect([whoami.status, whoami.body.status]).toEqual([
    201,
    { userInfo: { username: "admin", groups: ["system:masters"] } },
  ]);
  const may = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: { user: "eve", groups: ["devs"] },
  };
  const asked = await hub.call("POST /apis/authorization.k8s.io/v1/subjectaccessreviews", may);
  expect(asked.body.status).toEqual({ allowed: false });
  const token = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", metadata: { name: "t" } };
  expect((await hub.call("POST /apis/authentication.k8s.io/v1/tokenreviews", token)).status).toBe(405);
});

test("a version that is deprecated says so whenever it is used", async () => {
  const hub = await start();
  const listed = await hub.call("GET /api/v1/namespaces/default/endpoints");
  expect(listed.headers.warning).toContain("v1 Endpoints is deprecated");
  const missing = await hub.call("GET /api/v1/namespaces/default/endpoints/none");
  expect([missing.status, missing.headers.warning]).toEqual([404, listed.headers.warning]);
});

test("problems are told in the order of the document", async () => {
  const hub = await start();
  const text = '{"apiVersion":"v1","datum":1,"kind":"ConfigMap","metadata":{"colour":"red","name":"a"},"extra":1}';
  const created = await hub.call(`POST ${maps}`, text);
  expect(created.headers.warning).toMatch(/datum.*colour.*extra/);
});

test("server-side apply is refused by name, not by its options", async () => {
  const hub = await start();
  const line = `PATCH ${maps}/a?force=true&fieldManager=me`;
  const answer = await hub.call(line, configMap("a"), "application/apply-patch+yaml");
  expect([answer.status, answer.body.message]).toEqual([415, expect.stringContaining("no server-side apply")]);
});

test("a body in protobuf is taken like the same in JSON, and nonsense is refused", async () => {
  const hub = await start();
  const type = "application/vnd.kubernetes.protobuf";
  const hex =
    "6b3873000a0c0a0276311206536563726574121d0a110a017312001a0022002a0032003800420012060a01611201621a001a002200";
  const send = async (bytes: Uint8Array) => {
    const request = { method: "POST", path: "/api/v1/namespaces/default/secrets", query: new URLSearchParams() };
    const answer = await running[0]?.handle({
      ...request,
      headers: { "content-type": type },
      user: { name: "admin", groups: ["system:masters"] },
      body: { kind: "bytes", bytes },
      signal: new AbortController().signal,
    });
    return answer?.kind === "object" ? answer : undefined;
  };
  const whole = Buffer.from(hex, "hex");
  expect(await send(whole)).toMatchObject({ status: 201, object: { data: { a: "Yg==" }, type: "Opaque" } });
  expect(await send(whole.subarray(0, 40))).toMatchObject({ status: 400, object: { reason: "BadRequest" } });
  expect(await send(Buffer.from("{}"))).toMatchObject({ status: 400, object: { reason: "BadRequest" } });
  expect((await hub.call("GET /api/v1/namespaces/default/secrets/s")).body.data).toEqual({ a: "Yg==" });
});

test("whoever is known may see what is served and ask about itself, and nothing else", async () => {
  await start();
  const status = async (line: string, groups: readonly string[]): Promise<unknown> => {
    const [method = "", path = ""] = line.split(" ");
    const body = { kind: "object", value: {} } as const;
    const answer = await running[0]?.handle({
      method,
      path,
      query: new URLSearchParams(),
      headers: {},
      user: { name: "eve", groups },
      ...(method === "POST" ? { body } : {}),
      signal: new AbortController().signal,
    });
    return answer?.kind === "object" ? answer.status : undefined;
  };
  const reviews = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const lines = ["GET /apis", "GET /openapi/v3", `POST ${reviews}`, `GET ${reviews}`, `GET ${maps}`, "GET /metrics"];
  const known = await Promise.all(lines.map((line) => status(line, ["system:authenticated"])));
  expect(known).toEqual([200, 200, 201, 403, 403, 403]);
  const unknown = await Promise.all(lines.map((line) => status(line, ["system:unauthenticated"])));
  expect(unknown).toEqual([403, 403, 403, 403, 403, 403]);
});
