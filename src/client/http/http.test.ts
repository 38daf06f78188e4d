import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createClient, type KubeClient, type RequestRecord } from "#client";
import { httpTransport } from "#client/http";
import { linesOf } from "./lines.ts";

const configMaps = { group: "", version: "v1", resource: "configmaps" };
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer((request, response) => answer(request, response));
let client: KubeClient;
let address: string;
const records: RequestRecord[] = [];

beforeEach(async () => {
  records.length = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createClient({
    name: "east",
    transport: httpTransport({ server: address, token: "t", timeoutMs: 1000 }),
    onRequest: (record) => records.push(record),
  });
});
afterEach(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function json(response: ServerResponse, code: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(code, { "content-type": "application/json", ...headers });
  response.end(body);
}

test("numbers beyond 2^53 keep their digits both ways, and the token goes along", async () => {
  const body = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"n"},"big":9007199254740993}';
  let received = "";
  answer = async (request, response) => {
    for await (const chunk of request) received += String(chunk);
    json(response, 201, request.headers.authorization === "Bearer t" ? body : "{}");
  };
  const object = JSON.parse('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"n"}}');
  const created = await client.create(configMaps, { ...object, big: 9007199254740993n });
  expect([created.big, received, records.map(({ method, path, status }) => [method, path, status])]).toEqual([
    9007199254740993n,
    body,
    [["POST", "/api/v1/namespaces/n/configmaps", 201]],
  ]);
});

test("a 429 carries how long to wait, from the header where the body does not say", async () => {
  answer = (_request, response) =>
    json(response, 429, '{"kind":"Status","reason":"TooManyRequests"}', { "retry-after": "7" });
  await expect(client.get(configMaps, { name: "a", namespace: "n" })).rejects.toMatchObject({
    code: 429,
    reason: "TooManyRequests",
    details: { retryAfterSeconds: 7 },
  });
});

describe("no answer", () => {
  test.each([
    ["reset", (request: IncomingMessage) => void request.socket.resetAndDestroy()],
    ["timeout", () => undefined],
    ["malformed", (_request: IncomingMessage, response: ServerResponse) => json(response, 200, '{"kind":')],
  ])("is a TransportError that says %s", async (kind, behaviour) => {
    answer = behaviour;
    await expect(client.get(configMaps, { name: "a" })).rejects.toMatchObject({ name: "TransportError", kind });
  });

  test("is told apart when nobody listens and when TLS fails", async () => {
    const kindOf = async (target: string): Promise<unknown> => {
      const other = createClient({ name: "x", transport: httpTransport({ server: target, timeoutMs: 1000 }) });
      const error: unknown = await other.get(configMaps, { name: "a" }).catch((cause: unknown) => cause);
      await other.close();
      return (error as { kind?: string }).kind;
    };
    const tls = await kindOf(address.replace("http:", "https:"));
    expect([await kindOf("http://127.0.0.1:1"), tls]).toEqual(["refused", "tls"]);
    expect(() => httpTransport({ server: "not an address" })).toThrow("not an address like");
  });

  test("to a caller who gave up is the caller's own reason", async () => {
    answer = () => undefined;
    const controller = new AbortController();
    const reason = new Error("enough");
    const waiting = client.get(configMaps, { name: "a" }, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});

test("a watch yields its events and throws the ERROR event as what it says", async () => {
  answer = (_request, response) =>
    json(
      response,
      200,
      '{"type":"ADDED","object":{"kind":"ConfigMap","metadata":{"name":"ä"}}}\n{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}\n',
    );
  const seen: unknown[] = [];
  const watching = (async () => {
    for await (const event of client.watch(configMaps, {}, new AbortController().signal))
      seen.push(event.object.metadata.name);
  })();
  await expect(watching).rejects.toMatchObject({ name: "StatusError", reason: "Expired", message: "too old" });
  expect(seen).toEqual(["ä"]);
});

test("lines are put together again wherever the chunks were cut", async () => {
  const bytes = new TextEncoder().encode('{"a":"ä€"}\n\n{"b":1}\n{"half');
  for (let size = 1; size < bytes.length; size++) {
    async function* chunks(): AsyncIterable<Uint8Array> {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    expect(await Array.fromAsync(linesOf(chunks()))).toEqual(['{"a":"ä€"}', '{"b":1}']);
  }
});

test("discovery of an old server names what could not be read and keeps the rest", async () => {
  const documents: Readonly<Record<string, string>> = {
    "/api": '{"kind":"APIVersions","versions":["v1"]}',
    "/apis": '{"kind":"APIGroupList","groups":[{"versions":[{"groupVersion":"metrics.k8s.io/v1beta1"}]}]}',
    "/api/v1":
      '{"resources":[{"name":"pods","kind":"Pod","namespaced":true,"verbs":["get"],"shortNames":["po"]},{"name":"pods/log","kind":"Pod","namespaced":true}]}',
  };
  answer = (request, response) => {
    const document = documents[request.url ?? ""];
    json(response, document === undefined ? 503 : 200, document ?? "{}");
  };
  expect(await client.discover()).toEqual({
    resources: [
      {
        group: "",
        version: "v1",
        resource: "pods",
        kind: "Pod",
        namespaced: true,
        singular: "",
        shortNames: ["po"],
        categories: [],
        verbs: ["get"],
        subresources: ["log"],
      },
    ],
    partial: ["metrics.k8s.io/v1beta1"],
  });
});
