import { onTestFinished, test } from "vitest";
import type { KubeObject } from "#machinery";
import { silentLogger, systemClock } from "#runtime";
import { createMemoryStorage } from "#storage/memory";
import { karmadaAdmission } from "../admission/index.ts";
import { createApiServer } from "../server/index.ts";
import { CrdController, hubDefinitions } from "./index.ts";

const user = { name: "admin", groups: ["system:masters"] };
const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const widgetPath = "/apis/example.com/v1/namespaces/default/widgets";

async function startHub() {
  const logger = silentLogger;
  const crds = new CrdController({ clock: systemClock, logger });
  const server = await createApiServer({
    storage: createMemoryStorage(),
    clock: systemClock,
    logger,
    version: "v1.36.0",
    profile: "hub",
    definitions: hubDefinitions(),
    admission: [...karmadaAdmission({ newUuid: () => "uuid", clock: systemClock }), crds.admission],
  });
  await crds.start(server);
  const stop = new AbortController();
  const running = crds.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
    await server.close();
  });
  const ask = async (
    method: string,
    path: string,
    value?: unknown,
  ): Promise<{ status: number; object: KubeObject }> => {
    const response = await server.handle({
      method,
      path,
      query: new URLSearchParams(),
      headers: { accept: "application/json", "content-type": "application/json" },
      user,
      ...(value === undefined ? {} : { body: { kind: "object", value } as const }),
      signal: stop.signal,
    });
    if (response.kind === "watch") throw new TypeError("unexpected watch");
    if (response.kind === "object") return { status: response.status, object: response.object as KubeObject };
    const parts: Uint8Array[] = [];
    for await (const chunk of response.chunks) parts.push(chunk);
    const text = Buffer.concat(parts).toString();
    return { status: response.status, object: (text.startsWith("{") ? JSON.parse(text) : { text }) as KubeObject };
  };
  return { ask };
}

const crd = (kind: string, plural: string): unknown => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.example.com` },
  spec: {
    group: "example.com",
    names: { kind, plural },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: { size: { type: "integer", minimum: 1 }, color: { type: "string", default: "red" } },
              },
            },
          },
        },
      },
    ],
  },
});
const widget = (name: string, spec: unknown, finalizers?: readonly string[]): unknown => ({
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name, ...(finalizers && { finalizers }) },
  spec,
});

test("a definition makes its objects served, pruned, defaulted and validated, and takes them along when it goes", async ({
  expect,
}) => {
  const { ask } = await startHub();
  expect((await ask("POST", crdPath, crd("Widget", "widgets"))).status).toBe(201);
  await expect.poll(async () => (await ask("GET", widgetPath)).status).toBe(200);
  const made = await ask("POST", widgetPath, widget("a", { size: 1, unknown: true }));
  expect([made.status, made.object.spec]).toEqual([201, { size: 1, color: "red" }]);
  expect((await ask("POST", widgetPath, widget("b", { size: 0 }))).object.message).toBe(
    'Widget.example.com "b" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
  );
  const gone = await ask("DELETE", `${crdPath}/widgets.example.com`);
  expect(gone.object.metadata.finalizers).toEqual(["customresourcecleanup.apiextensions.k8s.io"]);
  await expect.poll(async () => (await ask("GET", `${crdPath}/widgets.example.com`)).status).toBe(404);
  await expect.poll(async () => (await ask("GET", widgetPath)).status).toBe(404);
});

test("an object that holds on keeps its definition, and no new one is created meanwhile", async ({ expect }) => {
  const { ask } = await startHub();
  await ask("POST", crdPath, crd("Widget", "widgets"));
  await expect.poll(async () => (await ask("GET", widgetPath)).status).toBe(200);
  await ask("POST", widgetPath, widget("a", { size: 1 }, ["example.com/hold"]));
  await ask("DELETE", `${crdPath}/widgets.example.com`);
  await expect
    .poll(async () => (await ask("POST", widgetPath, widget("b", { size: 1 }))).object.message)
    .toBe('widgets.example.com "b" is forbidden: create not allowed while custom resource definition is terminating');
  await expect
    .poll(async () => (await ask("GET", `${widgetPath}/a`)).object.metadata.deletionTimestamp)
    .toEqual(expect.any(String));
  const { object } = await ask("GET", `${widgetPath}/a`);
  await ask("PUT", `${widgetPath}/a`, { ...object, metadata: { ...object.metadata, finalizers: [] } });
  await expect
    .poll(async () => (await ask("GET", `${crdPath}/widgets.example.com`)).status, { timeout: 5000 })
    .toBe(404);
});

test("a policy is admitted, shown and held by its finalizer", async ({ expect }) => {
  const { ask } = await startHub();
  const path = "/apis/policy.karmada.io/v1alpha1/namespaces/default/propagationpolicies";
  const spec = { resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment" }] };
  const policy = { apiVersion: "policy.karmada.io/v1alpha1", kind: "PropagationPolicy", metadata: { name: "p" }, spec };
  const made = await ask("POST", path, policy);
  expect([made.status, made.object.metadata.labels, made.object.metadata.finalizers, made.object.spec]).toEqual([
    201,
    { "propagationpolicy.karmada.io/permanent-id": "uuid" },
    ["karmada.io/propagation-policy-controller"],
    {
      resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment", namespace: "default" }],
      conflictResolution: "Abort",
      preemption: "Never",
      priority: 0,
      schedulerName: "default-scheduler",
    },
  ]);
  const bad = await ask("POST", path, { ...policy, metadata: { name: "q" }, spec: { resourceSelectors: [] } });
  expect(bad.object.message).toBe(
    'PropagationPolicy.policy.karmada.io "q" is invalid: spec.resourceSelectors: Invalid value: 0: spec.resourceSelectors in body should have at least 1 items',
  );
});

test("an object stored before its schema changed is pruned and completed when it is read", async ({ expect }) => {
  const { ask } = await startHub();
  await ask("POST", crdPath, crd("Widget", "widgets"));
  await expect.poll(async () => (await ask("GET", widgetPath)).status).toBe(200);
  await ask("POST", widgetPath, widget("a", { size: 2 }));
  const { object } = await ask("GET", `${crdPath}/widgets.example.com`);
  const spec = object.spec as { readonly versions: readonly Record<string, unknown>[] };
  const properties = { color: { type: "string" }, shape: { type: "string", default: "round" } };
  const openAPIV3Schema = { type: "object", properties: { spec: { type: "object", properties } } };
  const versions = spec.versions.map((version) => ({ ...version, schema: { openAPIV3Schema } }));
  await ask("PUT", `${crdPath}/widgets.example.com`, { ...object, spec: { ...spec, versions } });
  await expect
    .poll(async () => (await ask("GET", `${widgetPath}/a`)).object.spec)
    .toEqual({ color: "red", shape: "round" });
});
