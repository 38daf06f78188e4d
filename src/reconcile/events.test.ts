import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createClient, type KubeClient } from "#client";
import { httpTransport } from "#client/http";
import { eventRecorder } from "#reconcile";
import { createLifecycle, type FakeClock, fakeClock, type Lifecycle, silentLogger } from "#runtime";

interface Received {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

const cluster = { apiVersion: "cluster.karmada.io/v1alpha1", kind: "Cluster", metadata: { name: "east", uid: "u1" } };
const received: Received[] = [];
let answer = 201;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    received.push({ method: request.method ?? "", path: request.url ?? "", body });
    response.writeHead(answer, { "content-type": "application/json" });
    response.end("{}");
  });
});
let client: KubeClient;
let clock: FakeClock;
let lifecycle: Lifecycle;

beforeEach(async () => {
  received.length = 0;
  answer = 201;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  client = createClient({ name: "hub", transport: httpTransport({ server: `http://127.0.0.1:${port}` }) });
  clock = fakeClock(Date.UTC(2026, 10, 22, 12));
  lifecycle = createLifecycle(silentLogger);
});
afterEach(async () => {
  await lifecycle.stop();
  await client.close();
  await new Promise((resolve) => server.close(resolve));
});

async function requests(count: number): Promise<readonly Received[]> {
  await expect
    .poll(async () => {
      if (received.length < count) await clock.advance(250);
      return received.length;
    })
    .toBe(count);
  return received;
}

test("equal events are written once with their count, those of a cluster-scoped object in default", async () => {
  const events = eventRecorder({ client, component: "cluster-health", clock, lifecycle });
  for (let n = 0; n < 3; n++) events.warning(cluster, "CreateExecutionSpaceFailed", "no room");
  const [first] = await requests(1);
  const { metadata, ...rest } = first?.body ?? {};
  expect((metadata as { name: string }).name).toMatch(/^east\.[0-9a-f]+$/);
  expect([first?.path, rest]).toEqual([
    "/api/v1/namespaces/default/events",
    {
      apiVersion: "v1",
      kind: "Event",
      involvedObject: { kind: "Cluster", name: "east", uid: "u1", apiVersion: "cluster.karmada.io/v1alpha1" },
      reason: "CreateExecutionSpaceFailed",
      message: "no room",
      source: { component: "cluster-health" },
      firstTimestamp: "2026-11-22T12:00:00Z",
      lastTimestamp: "2026-11-22T12:00:00Z",
      count: 3,
      type: "Warning",
      eventTime: null,
      reportingComponent: "cluster-health",
      reportingInstance: "",
    },
  ]);
});

test("an event that comes again is counted up, and one that is gone is written anew", async () => {
  const events = eventRecorder({ client, component: "test", clock, lifecycle });
  events.normal(cluster, "Ready", "yes");
  await requests(1);
  await clock.advance(60_000);
  events.normal(cluster, "Ready", "yes");
  await requests(2);
  expect([received[1]?.method, received[1]?.body.count]).toEqual(["PATCH", 2]);
  answer = 404;
  await clock.advance(1000);
  events.normal(cluster, "Ready", "yes");
  await requests(4);
  expect(received.slice(2).map((request) => request.method)).toEqual(["PATCH", "POST"]);
});

test("more events than the queue holds are dropped, not waited for", async () => {
  const events = eventRecorder({ client, component: "test", clock, lifecycle });
  for (let n = 0; n < 3000; n++) events.normal(cluster, "Many", `number ${n}`);
  await requests(1000);
  await clock.advance(1000);
  expect(received.length).toBe(1000);
});
