import { expect, test } from "vitest";
import type { ApiServer, ServerRequest, ServerWatchEvent } from "#apiserver";
import { fakeClock } from "#runtime";
import { type Connections, faultyServer } from "./faults.ts";
import { RequestCounter, requestTarget } from "./requests.ts";

const request = (method: string, path: string, query = ""): ServerRequest => ({
  method,
  path,
  query: new URLSearchParams(query),
  headers: {},
  user: { name: "admin", groups: [] },
  signal: new AbortController().signal,
});

test("a request is named by its verb and resource", () => {
  const target = (method: string, path: string, query = "") => {
    const { verb, resource } = requestTarget(request(method, path, query));
    return `${verb} ${resource}`;
  };
  expect([
    target("GET", "/api/v1/namespaces/shop/pods"),
    target("GET", "/apis/apps/v1/deployments", "watch=true"),
    target("PATCH", "/apis/apps/v1/namespaces/shop/deployments/cart"),
    target("PUT", "/api/v1/namespaces/shop/pods/cart/status"),
    target("GET", "/api/v1/namespaces"),
    target("GET", "/api/v1/namespaces/shop"),
    target("PUT", "/api/v1/namespaces/shop/finalize"),
    target("DELETE", "/api/v1/namespaces/shop/secrets"),
    target("GET", "/readyz"),
  ]).toEqual([
    "list pods",
    "watch deployments.apps",
    "patch deployments.apps",
    "update pods/status",
    "list namespaces",
    "get namespaces",
    "update namespaces/finalize",
    "deletecollection secrets",
    "get /readyz",
  ]);
});

/** Answers everything with an empty object; its watches say nothing until they are ended. */
const quietServer: Pick<ApiServer, "handle"> = {
  handle: async ({ query }) =>
    query.get("watch") === "1" ? { kind: "watch", events: silence() } : { kind: "object", status: 200, object: {} },
};

async function* silence(): AsyncGenerator<ServerWatchEvent> {
  await new Promise(() => undefined);
}

const connections = (): Connections & { resets: number } => ({
  resets: 0,
  resetAll() {
    this.resets += 1;
  },
  refuse: async () => undefined,
  accept: async () => undefined,
});

const faulty = (at = connections()) => {
  const clock = fakeClock();
  const counter = new RequestCounter();
  return { clock, counter, at, ...faultyServer(quietServer, { clock, counter, connections: at }) };
};

const codes = async (server: Pick<ApiServer, "handle">, count: number): Promise<readonly number[]> => {
  const found: number[] = [];
  for (let asked = 0; asked < count; asked++) {
    const answer = await server.handle(request("PATCH", "/apis/apps/v1/namespaces/shop/deployments/cart"));
    found.push(answer.kind === "watch" ? 0 : answer.status);
  }
  return found;
};

test("a status fault is answered as often as asked, and only to what it is for", async () => {
  const { server, faults } = faulty();
  faults.status({ code: 429, times: 2, verb: "patch", retryAfterSeconds: 3 });
  expect((await server.handle(request("GET", "/api/v1/pods"))).kind).toBe("object");
  const first = await server.handle(request("PATCH", "/api/v1/namespaces/shop/secrets/a"));
  expect(first).toMatchObject({ status: 429, headers: { "retry-after": "3" } });
  expect(await codes(server, 2)).toEqual([429, 200]);
});

test("a reset breaks the connections", async () => {
  const { server, faults, at } = faulty();
  faults.reset({ path: /deployments/ });
  await server.handle(request("GET", "/api/v1/pods"));
  expect(at.resets).toBe(0);
  await codes(server, 1);
  expect(at.resets).toBe(1);
});

test("a slow answer comes when its time has passed", async () => {
  const { server, faults, clock } = faulty();
  faults.slow(1000);
  let isAnswered = false;
  const answer = server.handle(request("GET", "/api/v1/pods")).then(() => {
    isAnswered = true;
  });
  await clock.advance(999);
  expect(isAnswered).toBe(false);
  await clock.advance(1);
  await answer;
  expect(isAnswered).toBe(true);
});

test("watches can be cut and expired", async () => {
  const { server, faults } = faulty();
  const read = async (): Promise<readonly string[]> => {
    const answer = await server.handle(request("GET", "/api/v1/pods", "watch=1"));
    const seen: string[] = [];
    if (answer.kind !== "watch") return ["no watch"];
    for await (const event of answer.events) seen.push(`${event.type} ${(event.object as { code?: number }).code}`);
    return seen;
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const cut = read();
  await settle();
  faults.cutWatches();
  expect(await cut).toEqual([]);
  const old = read();
  await settle();
  faults.expireWatches();
  expect(await old).toEqual(["ERROR 410"]);
});

test("requests are counted by verb and resource", async () => {
  const { server, counter } = faulty();
  await codes(server, 3);
  await server.handle(request("GET", "/api/v1/pods"));
  expect(counter.all()).toEqual([
    { verb: "patch", resource: "deployments.apps", count: 3 },
    { verb: "list", resource: "pods", count: 1 },
  ]);
});
