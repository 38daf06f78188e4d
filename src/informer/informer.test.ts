import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createClient, type KubeClient } from "#client";
import { httpTransport } from "#client/http";
import { createInformerFactory, type Informer, type InformerFactory } from "#informer";
import type { KubeObject } from "#machinery";
import { createLifecycle, type FakeClock, fakeClock, type Lifecycle, silentLogger } from "#runtime";

const configMaps = { group: "", version: "v1", resource: "configmaps" };
const pods = { group: "", version: "v1", resource: "pods" };

interface Change {
  readonly rv: number;
  readonly type: string;
  readonly object: KubeObject;
}

/** A list/watch server over a history of changes, with faults on demand. */
class FakeApi {
  readonly server: Server;
  readonly objects = new Map<string, KubeObject>();
  readonly history: Change[] = [];
  readonly watchers = new Set<{ readonly response: ServerResponse; readonly url: URL }>();
  readonly requests: string[] = [];
  /** Answers the next requests instead of the server; each is used once. */
  readonly faults: ((request: IncomingMessage, response: ServerResponse) => void)[] = [];
  rv = 100;
  oldest = 0;

  constructor() {
    this.server = createServer((request, response) => this.#answer(request, response));
  }

  async start(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  put(name: string, data: string, uid = name): void {
    const type = this.objects.has(name) ? "MODIFIED" : "ADDED";
    const object = this.#object(name, data, uid);
    this.objects.set(name, object);
    this.#send({ rv: this.rv, type, object });
  }

  remove(name: string): void {
    const last = this.objects.get(name);
    if (last === undefined) throw new Error(`no object ${name}`);
    this.objects.delete(name);
    this.rv++;
    this.#send({ rv: this.rv, type: "DELETED", object: withVersion(last, this.rv) });
  }

  bookmark(): void {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { resourceVersion: `${this.rv}` } };
    for (const { response } of this.watchers) response.write(`${JSON.stringify({ type: "BOOKMARK", object })}\n`);
  }

  cutWatches(): void {
    for (const { response } of this.watchers) response.socket?.resetAndDestroy();
    this.watchers.clear();
  }

  endWatches(): void {
    for (const { response } of this.watchers) response.end();
    this.watchers.clear();
  }

  /** Forgets the history: positions before now are expired. */
  compact(): void {
    this.oldest = this.rv;
  }

  #object(name: string, data: string, uid: string): KubeObject {
    this.rv++;
    return {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace: name.startsWith("b") ? "two" : "one", uid, resourceVersion: `${this.rv}` },
      data: { value: data },
    };
  }

  #send(change: Change): void {
    this.history.push(change);
    for (const { response } of this.watchers) response.write(lineOf(change));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://x");
    this.requests.push(url.searchParams.get("watch") === "true" ? "watch" : "list");
    const fault = this.faults.shift();
    if (fault !== undefined) fault(request, response);
    else if (url.searchParams.get("watch") === "true") this.#watch(url, response);
    else this.#list(url, response);
  }

  #list(url: URL, response: ServerResponse): void {
    const limit = Number(url.searchParams.get("limit") ?? 1e9);
    const from = Number(url.searchParams.get("continue") ?? 0);
    const all = [...this.objects.values()];
    const next = from + limit < all.length ? `${from + limit}` : undefined;
    const items = all.slice(from, from + limit).map(({ apiVersion: _a, kind: _k, ...item }) => item);
    const metadata = { resourceVersion: `${this.rv}`, ...(next === undefined ? {} : { continue: next }) };
    sendJson(response, 200, { apiVersion: "v1", kind: "ConfigMapList", metadata, items });
  }

  #watch(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get("resourceVersion"));
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    if (from < this.oldest) {
      response.end(`${JSON.stringify({ type: "ERROR", object: status(410, "Expired") })}\n`);
      return;
    }
    for (const change of this.history) if (change.rv > from) response.write(lineOf(change));
    const watcher = { response, url };
    this.watchers.add(watcher);
    response.on("close", () => this.watchers.delete(watcher));
  }
}

const lineOf = (change: Change): string => `${JSON.stringify({ type: change.type, object: change.object })}\n`;
const withVersion = (object: KubeObject, rv: number): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: `${rv}` },
});
const status = (code: number, reason: string): object => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message: reason,
  reason,
  code,
});
const sendJson = (response: ServerResponse, code: number, body: object, headers: Record<string, string> = {}): void => {
  response.writeHead(code, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
};

let api: FakeApi;
let port: number;
let clock: FakeClock;
let lifecycle: Lifecycle;
let client: KubeClient;
let factory: InformerFactory;

beforeEach(async () => {
  api = new FakeApi();
  port = await api.start();
  clock = fakeClock();
  lifecycle = createLifecycle(silentLogger);
  client = createClient({
    name: "member",
    transport: httpTransport({ server: `http://127.0.0.1:${port}`, timeoutMs: 2000 }),
  });
  factory = createInformerFactory({ client, clock, logger: silentLogger, lifecycle, random: () => 0.5 });
});

afterEach(async () => {
  await lifecycle.stop();
  await client.close();
  await api.stop();
});

/** What handlers saw, as `+a=1`, `~a=2`, `-a`. */
function recorded(informer: Informer): string[] {
  const seen: string[] = [];
  const value = (object: KubeObject): string => (object.data as { value: string }).value;
  informer.subscribe({
    onAdd: (object, initial) => seen.push(`${initial ? "*" : "+"}${object.metadata.name}=${value(object)}`),
    onUpdate: (_old, object) => seen.push(`~${object.metadata.name}=${value(object)}`),
    onDelete: (last) => seen.push(`-${last.metadata.name}`),
  });
  return seen;
}

/** Waits for a condition while time passes on the fake clock, for loops that sleep between attempts. */
async function until(condition: () => boolean): Promise<void> {
  await expect
    .poll(
      async () => {
        if (!condition()) await clock.advance(1000);
        return condition();
      },
      { interval: 5, timeout: 5000 },
    )
    .toBe(true);
}

const watching = (): Promise<void> => until(() => api.watchers.size === 1);

test("the first list comes as initial adds and later changes as events, typed and frozen", async () => {
  api.put("a", "1");
  const informer = factory.informerFor(configMaps);
  const seen = recorded(informer);
  await informer.whenSynced();
  await watching();
  api.put("b", "1");
  api.put("a", "2");
  api.remove("b");
  await until(() => seen.length === 4);
  expect(seen).toEqual(["*a=1", "+b=1", "~a=2", "-b"]);
  const object = informer.get("one/a");
  expect([object?.kind, Object.isFrozen(object?.metadata), informer.list("two")]).toEqual(["ConfigMap", true, []]);
});

test("a list of many pages is one picture", async () => {
  for (let n = 0; n < 1203; n++) api.put(`a${n}`, "1");
  const informer = factory.informerFor(configMaps);
  await informer.whenSynced();
  expect([informer.list().length, api.requests.filter((what) => what === "list").length]).toEqual([1203, 3]);
});

test("a page that expired is replaced by one whole list", async () => {
  for (let n = 0; n < 600; n++) api.put(`a${n}`, "1");
  const pass = (request: IncomingMessage, response: ServerResponse): void => {
    api.faults.unshift((_request, second) => sendJson(second, 410, status(410, "Expired")));
    const whole = new URL(request.url ?? "/", "http://x");
    const items = [...api.objects.values()].slice(0, Number(whole.searchParams.get("limit")));
    const metadata = { resourceVersion: `${api.rv}`, continue: "500" };
    sendJson(response, 200, { apiVersion: "v1", kind: "ConfigMapList", metadata, items });
  };
  api.faults.push(pass);
  const informer = factory.informerFor(configMaps);
  await informer.whenSynced();
  expect(informer.list().length).toBe(600);
});

describe("a watch that breaks", () => {
  test.each(["cut", "ended"] as const)("and was %s is resumed: no event is lost and none comes twice", async (how) => {
    api.put("a", "1");
    const informer = factory.informerFor(configMaps);
    const seen = recorded(informer);
    await informer.whenSynced();
    for (let round = 2; round < 6; round++) {
      await watching();
      api.put("a", `${round}`);
      await until(() => seen.at(-1) === `~a=${round}`);
      if (how === "cut") api.cutWatches();
      else api.endWatches();
      api.put("b", `${round}`);
      await until(() => seen.at(-1)?.includes(`b=${round}`) === true);
    }
    expect(seen).toEqual(["*a=1", "~a=2", "+b=2", "~a=3", "~b=3", "~a=4", "~b=4", "~a=5", "~b=5"]);
    expect(api.requests.filter((what) => what === "list").length).toBe(1);
  });

  test("in the middle of a line is resumed before that line", async () => {
    const informer = factory.informerFor(configMaps);
    const seen = recorded(informer);
    await watching();
    const [watcher] = [...api.watchers];
    api.watchers.clear();
    api.put("a", "1");
    watcher?.response.write('{"type":"ADDED","object":{"apiVersion":"v1","ki');
    watcher?.response.socket?.resetAndDestroy();
    await until(() => seen.length > 0);
    expect(seen).toEqual(["+a=1"]);
  });

  test("and has expired is listed again, and handlers see the differences", async () => {
    api.put("a", "1");
    api.put("b", "1");
    api.put("c", "1", "first");
    const informer = factory.informerFor(configMaps);
    const seen = recorded(informer);
    await informer.whenSynced();
    await watching();
    for (const { response } of api.watchers) response.socket?.pause();
    api.watchers.clear();
    seen.length = 0;
    api.remove("a");
    api.put("b", "2");
    api.remove("c");
    api.put("c", "2", "second");
    api.put("d", "1");
    api.compact();
    api.server.closeAllConnections();
    await until(() => seen.length >= 5);
    expect(seen).toEqual(["-a", "~b=2", "-c", "+c=2", "+d=1"]);
    expect(informer.failure).toBeUndefined();
  });

  test("resumes from a bookmark although no object changed", async () => {
    api.put("a", "1");
    const informer = factory.informerFor(configMaps);
    const seen = recorded(informer);
    await informer.whenSynced();
    await watching();
    api.rv = 500;
    api.bookmark();
    api.oldest = 400;
    api.put("b", "1");
    await until(() => seen.length === 2);
    api.cutWatches();
    await watching();
    expect([seen, api.requests.filter((what) => what === "list").length]).toEqual([["*a=1", "+b=1"], 1]);
  });
});

describe("a server that refuses", () => {
  test("a 429 is waited out as long as it asks", async () => {
    api.faults.push((_request, response) =>
      sendJson(response, 429, status(429, "TooManyRequests"), { "retry-after": "60" }),
    );
    const informer = factory.informerFor(configMaps);
    await expect.poll(() => informer.failure?.message).toBe("TooManyRequests");
    await clock.advance(59_000);
    expect(api.requests).toEqual(["list"]);
    await clock.advance(2000);
    await informer.whenSynced();
    await watching();
    expect(informer.failure).toBeUndefined();
  });

  test("connections refused, reset, slow and answers that are no JSON are survived and named", async () => {
    const kinds: unknown[] = [];
    api.faults.push(
      (request) => void request.socket.resetAndDestroy(),
      () => undefined, // never answers
      (_request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end('{"kind":');
      },
      (_request, response) => sendJson(response, 500, status(500, "InternalError")),
    );
    const informer = factory.informerFor(configMaps);
    await until(() => {
      const failure = informer.failure as { kind?: string; reason?: string } | undefined;
      const kind = failure?.kind ?? failure?.reason;
      if (kind !== undefined && kinds.at(-1) !== kind) kinds.push(kind);
      return informer.synced;
    });
    expect(kinds).toEqual(["reset", "timeout", "malformed", "InternalError"]);
  });

  test("a server that was away is picked up where it was left", async () => {
    api.put("a", "1");
    const informer = factory.informerFor(configMaps);
    const seen = recorded(informer);
    await informer.whenSynced();
    await watching();
    const away = api;
    await away.stop();
    await until(() => (informer.failure as { kind?: string } | undefined)?.kind === "refused");
    expect(informer.list().length).toBe(1);
    api = new FakeApi();
    api.rv = away.rv;
    for (const [name, object] of away.objects) api.objects.set(name, object);
    await api.start(port);
    api.put("b", "1");
    await until(() => seen.length === 2);
    expect(seen).toEqual(["*a=1", "+b=1"]);
  });
});

test("an index finds objects and follows their changes", async () => {
  api.put("a", "x");
  api.put("b", "x");
  const informer = factory.informerFor(configMaps);
  informer.addIndex("value", (object) => [(object.data as { value: string }).value]);
  await informer.whenSynced();
  await watching();
  api.put("a", "y");
  await until(() => informer.byIndex("value", "y").length === 1);
  const names = (value: string): unknown[] => informer.byIndex("value", value).map((object) => object.metadata.name);
  expect([names("x"), names("y")]).toEqual([["b"], ["a"]]);
});

test("informers are shared by type and options, and a dropped one stops", async () => {
  const one = factory.informerFor(configMaps);
  expect(factory.informerFor(configMaps)).toBe(one);
  expect(factory.informerFor(configMaps, { namespace: "one" })).not.toBe(one);
  expect(factory.informerFor(pods)).not.toBe(one);
  factory.drop(configMaps);
  expect(factory.all().map((informer) => informer.type.resource)).toEqual(["pods"]);
  await until(() => api.watchers.size === 1);
});

test("a handler that throws does not cost the others their event", async () => {
  const informer = factory.informerFor(configMaps);
  informer.subscribe({
    onAdd: () => {
      throw new Error("bug");
    },
  });
  const seen = recorded(informer);
  await watching();
  api.put("a", "1");
  await until(() => seen.length === 1);
  expect(seen).toEqual(["+a=1"]);
});

test("stopping ends every watch", async () => {
  factory.informerFor(configMaps);
  await watching();
  await factory.stop();
  await expect.poll(() => api.watchers.size).toBe(0);
  expect(lifecycle.running()).toEqual([]);
});
