import { afterAll, beforeAll, expect, test } from "vitest";
import type { KubeObject } from "#machinery";
import { type Fleet, startFleet, until } from "./fleet.ts";
import {
  apply,
  bindingOf,
  conditionOf,
  configMap,
  deployment,
  mustRead,
  namespace,
  policy,
  refusalOf,
  remove,
  selectorOf,
  untilApplied,
  untilGone,
  untilManaged,
} from "./objects.ts";

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet({ members: ["member1"], takeoverGuard: "off" });
}, 60_000);

afterAll(() => fleet?.stop());

async function namespaceOnBoth(name: string): Promise<string> {
  await apply(fleet.member("member1").client, namespace(name));
  await apply(fleet.hub, namespace(name));
  await untilManaged(fleet.member("member1"), namespace(name));
  return name;
}

test("a hub without a guard rolls out what the template says; a template's own annotation still refuses", async () => {
  const ns = await namespaceOnBoth("unguarded");
  const member1 = fleet.member("member1");
  const running = ["free", "guarded"].map((name) => deployment(name, ns, { image: "nginx:1.24" }));
  await member1.load(running);
  const [free, guarded] = [deployment("free", ns), deployment("guarded", ns)];
  const annotations = { "migration.drover.io/takeover-guard": "refuse" };
  await member1.settled();
  const uids = member1.pods(`${ns}/guarded`).map(({ uid }) => uid);
  await apply(fleet.hub, free, { ...guarded, metadata: { ...guarded.metadata, annotations } });
  await apply(fleet.hub, policy({ name: "all", namespace: ns }, [{ apiVersion: "apps/v1", kind: "Deployment" }]));
  await untilApplied(fleet.hub, [free]);
  expect(await refusalOf(fleet.hub, guarded)).toContain("nginx:1.24");
  await member1.settled();
  expect(member1.pods(`${ns}/guarded`).map(({ uid }) => uid)).toEqual(uids);
  expect((await mustRead(member1.client, free)).metadata.labels?.["karmada.io/managed"]).toBe("true");
  expect(member1.podLedger().filter((pod) => pod.workload === `Deployment ${ns}/free`)).toHaveLength(4);
});

const gadgets = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "gadgets.shop.example.com" },
  spec: {
    group: "shop.example.com",
    scope: "Namespaced",
    names: { plural: "gadgets", singular: "gadget", kind: "Gadget", listKind: "GadgetList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      },
    ],
  },
} as KubeObject;

test("a kind that the member does not serve waits, and is placed as soon as it does", async () => {
  const ns = await namespaceOnBoth("late");
  const member1 = fleet.member("member1");
  const gadget = {
    apiVersion: "shop.example.com/v1",
    kind: "Gadget",
    metadata: { name: "main", namespace: ns },
    spec: { size: 3 },
  } as KubeObject;
  await apply(fleet.hub, gadgets);
  await until("a Gadget to be accepted", () =>
    apply(fleet.hub, gadget).then(
      () => true,
      () => false,
    ),
  );
  await apply(fleet.hub, policy({ name: "all", namespace: ns }, [selectorOf(gadget)]));
  await until("the refusal", async () => {
    return conditionOf(await bindingOf(fleet.hub, gadget), "Scheduled")?.reason === "NoClusterFit";
  });
  await apply(member1.client, gadgets);
  await untilManaged(member1, gadget);
  await untilApplied(fleet.hub, [gadget]);
  expect((await mustRead(member1.client, gadget)).spec).toEqual({ size: 3 });
});

test("a CustomResourceDefinition is propagated by a cluster policy, and taken away with its template", async () => {
  const member1 = fleet.member("member1");
  const definition = {
    ...gadgets,
    metadata: { name: "widgets.shop.example.com" },
    spec: {
      ...(gadgets as KubeObject & { spec: object }).spec,
      names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    },
  } as KubeObject;
  await apply(fleet.hub, definition, policy({ name: "kinds" }, [selectorOf(definition)]));
  await untilApplied(fleet.hub, [definition]);
  await until("the member to serve it", async () =>
    (await member1.client.discover()).resources.some(({ kind }) => kind === "Widget"),
  );
  await remove(fleet.hub, definition);
  await untilGone(member1.client, definition);
});

test("a namespace taken off the hub goes from the member with what is in it", async () => {
  const ns = "brief";
  const member1 = fleet.member("member1");
  const settings = configMap("settings", ns);
  await apply(fleet.hub, namespace(ns), settings, policy({ name: "all", namespace: ns }, [selectorOf(settings)]));
  await untilManaged(member1, settings);
  await remove(fleet.hub, namespace(ns));
  await untilGone(fleet.hub, namespace(ns));
  await untilGone(member1.client, settings);
  await untilGone(member1.client, namespace(ns));
});
