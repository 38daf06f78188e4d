import { afterAll, beforeAll, expect, test } from "vitest";
import type { KubeObject } from "#machinery";
import { type Fleet, startFleet, until } from "./fleet.ts";
import {
  apply,
  bindingOf,
  conditionOf,
  configMap,
  deployment,
  isManaged,
  merge,
  mustRead,
  namespace,
  placedIn,
  policy,
  read,
  remove,
  selectorOf,
  untilApplied,
  untilGone,
  untilManaged,
} from "./objects.ts";

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet({ members: ["member1", "member2"] });
}, 60_000);

afterAll(() => fleet?.stop());

const everyConfigMap = { apiVersion: "v1", kind: "ConfigMap" };

async function namespaces(name: string): Promise<string> {
  await apply(fleet.hub, namespace(name));
  for (const member of Object.values(fleet.members)) await untilManaged(member, namespace(name));
  return name;
}

const holderOf = async (template: KubeObject): Promise<string | undefined> =>
  (await mustRead(fleet.hub, template)).metadata.annotations?.["propagationpolicy.karmada.io/name"];

const clustersOf = async (template: KubeObject): Promise<readonly string[]> =>
  ((await bindingOf(fleet.hub, template))?.spec.clusters ?? []).map(({ name }) => name).toSorted();

const untilPlaced = (template: KubeObject, ...clusters: readonly string[]): Promise<void> =>
  until(`${template.metadata.name} to be placed in ${clusters.join(", ")}`, async () => {
    return (await clustersOf(template)).join() === clusters.join();
  });

test("a ClusterPropagationPolicy takes cluster-scoped and namespaced objects", async () => {
  const ns = await namespaces("wide");
  const role: KubeObject = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "wide-reader" },
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
  } as KubeObject;
  const settings = configMap("settings", ns);
  const member1 = fleet.member("member1");
  await member1.load([role]);
  const before = await mustRead(member1.client, role);
  const selectors = [selectorOf(role), { ...selectorOf(settings), namespace: ns }];
  const wide = policy({ name: "wide" }, selectors);
  await apply(fleet.hub, role, settings, wide);
  await untilApplied(fleet.hub, [role, settings]);
  const after = await mustRead(member1.client, role);
  expect([after.metadata.uid, (after as KubeObject & { rules?: unknown }).rules]).toEqual([
    before.metadata.uid,
    (before as KubeObject & { rules?: unknown }).rules,
  ]);
  await merge(fleet.hub, wide, { spec: { preserveResourcesOnDeletion: true } });
  await remove(fleet.hub, role);
  await untilManaged(member1, role, false);
  await remove(fleet.hub, wide);
  await untilGone(fleet.hub, wide);
});

test("priority decides who claims; a claim sticks when a better policy comes; a selector edit lets go", async () => {
  const ns = await namespaces("claims");
  const settings = configMap("settings", ns);
  const low = policy({ name: "low", namespace: ns }, [everyConfigMap], { priority: 1 });
  const high = policy({ name: "high", namespace: ns }, [everyConfigMap], { priority: 5 });
  await apply(fleet.hub, low, high, settings);
  await untilApplied(fleet.hub, [settings]);
  expect(await holderOf(settings)).toBe("high");
  const top = policy({ name: "top", namespace: ns }, [everyConfigMap], { priority: 9 });
  const later = configMap("later", ns);
  await apply(fleet.hub, top, later);
  await untilApplied(fleet.hub, [later]);
  expect([await holderOf(settings), await holderOf(later)]).toEqual(["high", "top"]);
  await merge(fleet.hub, high, { spec: { resourceSelectors: [selectorOf(configMap("nothing", ns))] } });
  await until("the better policy to claim it", async () => (await holderOf(settings)) === "top");
});

test("Lazy: the policy's own change waits for the template's next one; preserve counts at deletion all the same", async () => {
  const ns = await namespaces("lazy");
  const settings = configMap("settings", ns);
  const plain = configMap("plain", ns);
  const lazy = policy({ name: "lazy", namespace: ns }, [selectorOf(settings)], { activationPreference: "Lazy" });
  const prompt = policy({ name: "prompt", namespace: ns }, [selectorOf(plain)]);
  await apply(fleet.hub, lazy, prompt, settings, plain);
  await untilApplied(fleet.hub, [settings, plain]);
  for (const each of [lazy, prompt]) {
    await merge(fleet.hub, each, { spec: { placement: placedIn("member1", "member2") } });
  }
  await untilPlaced(plain, "member1", "member2");
  expect(await clustersOf(settings)).toEqual(["member1"]);
  await merge(fleet.hub, settings, { data: { more: "1" } });
  await untilPlaced(settings, "member1", "member2");
  await untilManaged(fleet.member("member2"), settings);

  await merge(fleet.hub, lazy, { spec: { preserveResourcesOnDeletion: true } });
  await remove(fleet.hub, settings);
  for (const member of Object.values(fleet.members)) await untilManaged(member, settings, false);
});

test("suspension: of one cluster, of all, resumed, and a deletion while suspended", async () => {
  const ns = await namespaces("pause");
  const settings = configMap("settings", ns);
  const [member1, member2] = [fleet.member("member1"), fleet.member("member2")];
  const all = policy({ name: "all", namespace: ns }, [everyConfigMap], {
    placement: placedIn("member1", "member2"),
    suspension: { dispatchingOnClusters: { clusterNames: ["member2"] } },
  });
  await apply(fleet.hub, all, settings);
  await untilManaged(member1, settings);
  expect(await read(member2.client, settings)).toBeUndefined();
  await merge(fleet.hub, all, { spec: { suspension: { dispatchingOnClusters: null, dispatching: true } } });
  await until("the binding to be suspended", async () => {
    const { suspension } = (await bindingOf(fleet.hub, settings))?.spec ?? {};
    return (suspension as { dispatching?: boolean } | undefined)?.dispatching === true;
  });
  await until("every Work to be suspended", async () => {
    const type = { group: "work.karmada.io", version: "v1alpha1", resource: "works" };
    const works = await fleet.hub.list<KubeObject & { spec: { suspendDispatching?: boolean } }>(type);
    const ours = works.items.filter(
      ({ metadata }) => metadata.annotations?.["resourcebinding.karmada.io/namespace"] === ns,
    );
    return ours.length === 2 && ours.every(({ spec }) => spec.suspendDispatching === true);
  });
  await merge(fleet.hub, settings, { data: { more: "1" } });
  await merge(fleet.hub, all, { spec: { suspension: null } });
  await untilApplied(fleet.hub, [settings]);
  await until("the edit to arrive", async () => (await read(member2.client, settings))?.data?.more === "1");

  await merge(fleet.hub, all, { spec: { suspension: { dispatching: true } } });
  await until("the binding to be suspended again", async () => {
    const { suspension } = (await bindingOf(fleet.hub, settings))?.spec ?? {};
    return (suspension as { dispatching?: boolean } | undefined)?.dispatching === true;
  });
  await remove(fleet.hub, settings);
  for (const { client } of [member1, member2]) await untilGone(client, settings);
});

test("referrers that disagree on a conflict are told, and the dependency follows both", async () => {
  const ns = await namespaces("disagree");
  const settings = configMap("settings", ns);
  const spec = { template: { spec: { volumes: [{ name: "s", configMap: { name: "settings" } }] } } };
  await apply(fleet.hub, settings);
  for (const [name, conflictResolution] of Object.entries({ careful: "Abort", bold: "Overwrite" })) {
    const web = deployment(name, ns);
    await apply(fleet.hub, web);
    await merge(fleet.hub, web, { spec });
    const more = { propagateDeps: true, conflictResolution };
    await apply(fleet.hub, policy({ name, namespace: ns }, [selectorOf(web)], more));
  }
  await untilManaged(fleet.member("member1"), settings);
  const type = { group: "", version: "v1", resource: "events" };
  await until("an event about the disagreement", async () => {
    const { items } = await fleet.hub.list<KubeObject & { reason?: string }>(type, { namespace: ns });
    return items.some(({ reason }) => reason === "DependencyPolicyConflict");
  });
  expect((await bindingOf(fleet.hub, settings))?.spec.requiredBy).toHaveLength(2);
});

test("dependencies follow their referrer and go with it", async () => {
  const ns = await namespaces("deps");
  const web = deployment("web", ns);
  const settings = configMap("settings", ns);
  const robot: KubeObject = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot", namespace: ns } };
  const spec = {
    template: { spec: { serviceAccountName: "robot", volumes: [{ name: "s", configMap: { name: "settings" } }] } },
  };
  await apply(fleet.hub, settings, robot, web);
  await merge(fleet.hub, web, { spec });
  await apply(fleet.hub, policy({ name: "web", namespace: ns }, [selectorOf(web)], { propagateDeps: true }));
  const member1 = fleet.member("member1");
  for (const object of [web, settings, robot]) await untilManaged(member1, object);
  expect((await bindingOf(fleet.hub, settings))?.spec.requiredBy).toMatchObject([
    { namespace: ns, name: "web-deployment" },
  ]);
  await remove(fleet.hub, web);
  for (const object of [web, settings, robot]) await untilGone(member1.client, object);
  for (const object of [settings, robot]) {
    await until("the binding to know no referrer", async () => {
      return ((await bindingOf(fleet.hub, object))?.spec.requiredBy ?? []).length === 0;
    });
  }
  expect(await read(fleet.hub, settings)).toBeDefined();
});

test("overrides differ per cluster, and follow their policy", async () => {
  const ns = await namespaces("override");
  const web = deployment("web", ns);
  const override = {
    apiVersion: "policy.karmada.io/v1alpha1",
    kind: "OverridePolicy",
    metadata: { name: "web", namespace: ns },
    spec: {
      resourceSelectors: [selectorOf(web)],
      overrideRules: [
        {
          targetCluster: { clusterNames: ["member2"] },
          overriders: { imageOverrider: [{ component: "Tag", operator: "replace", value: "1.26" }] },
        },
      ],
    },
  } as KubeObject;
  await apply(fleet.hub, override, web);
  const placement = { placement: placedIn("member1", "member2") };
  await apply(fleet.hub, policy({ name: "web", namespace: ns }, [selectorOf(web)], placement));
  await untilApplied(fleet.hub, [web]);
  const image = async (member: string): Promise<unknown> => {
    const { spec } = await mustRead(fleet.member(member).client, web);
    return (spec as { template: { spec: { containers: { image: string }[] } } }).template.spec.containers[0]?.image;
  };
  expect([await image("member1"), await image("member2")]).toEqual(["nginx:1.25", "nginx:1.26"]);
  await remove(fleet.hub, override);
  await until("the override to go", async () => (await image("member2")) === "nginx:1.25");
});

test("clusters are chosen by label, field, exclusion and taint; an unknown one is said", async () => {
  const ns = await namespaces("choose");
  const cluster = (name: string): KubeObject => ({
    apiVersion: "cluster.karmada.io/v1alpha1",
    kind: "Cluster",
    metadata: { name },
  });
  await merge(fleet.hub, cluster("member2"), { metadata: { labels: { tier: "edge" } }, spec: { region: "north" } });
  const byRegion = { matchExpressions: [{ key: "region", operator: "In", values: ["north"] }] };
  const choices: Record<string, object> = {
    label: { clusterAffinity: { labelSelector: { matchLabels: { tier: "edge" } } } },
    field: { clusterAffinity: { fieldSelector: byRegion } },
    exclude: { clusterAffinity: { exclude: ["member1"] } },
  };
  for (const [name, placement] of Object.entries(choices)) {
    const settings = configMap(name, ns);
    await apply(fleet.hub, settings, policy({ name, namespace: ns }, [selectorOf(settings)], { placement }));
    await untilPlaced(settings, "member2");
  }
  const ghost = configMap("ghost", ns);
  await apply(
    fleet.hub,
    ghost,
    policy({ name: "ghost", namespace: ns }, [selectorOf(ghost)], { placement: placedIn("nowhere") }),
  );
  await until(
    "the refusal",
    async () => conditionOf(await bindingOf(fleet.hub, ghost), "Scheduled")?.status === "False",
  );
  expect(conditionOf(await bindingOf(fleet.hub, ghost), "Scheduled")).toMatchObject({ reason: "NoClusterFit" });
  expect(conditionOf(await bindingOf(fleet.hub, ghost), "Scheduled")?.message).toMatch(
    /nowhere|did not match the placement/,
  );

  const taint = { key: "maintenance", effect: "NoSchedule" };
  await merge(fleet.hub, cluster("member2"), { spec: { taints: [taint] } });
  const [plain, tolerant] = [configMap("plain", ns), configMap("tolerant", ns)];
  const clusterTolerations = [{ key: "maintenance", operator: "Exists" }];
  const both = placedIn("member1", "member2");
  await apply(fleet.hub, plain, policy({ name: "plain", namespace: ns }, [selectorOf(plain)], { placement: both }));
  const tolerating = { placement: { ...both, clusterTolerations } };
  await apply(fleet.hub, tolerant, policy({ name: "tolerant", namespace: ns }, [selectorOf(tolerant)], tolerating));
  await untilPlaced(plain, "member1");
  await untilPlaced(tolerant, "member1", "member2");
  await merge(fleet.hub, cluster("member2"), { spec: { taints: [] } });
  expect(isManaged(await read(fleet.member("member2").client, plain))).toBe(false);
});

test("a second hub is refused the objects of the first, and they stay the first's", async () => {
  const ns = await namespaces("twice");
  const settings = configMap("settings", ns);
  const member1 = fleet.member("member1");
  await apply(fleet.hub, settings, policy({ name: "all", namespace: ns }, [selectorOf(settings)]));
  await untilManaged(member1, settings);
  const before = await mustRead(member1.client, settings);
  const other = await startFleet({ members: [] });
  try {
    await other.join(member1, "shared");
    await apply(other.hub, namespace(ns), settings);
    const claim = policy({ name: "all", namespace: ns }, [selectorOf(settings)], { placement: placedIn("shared") });
    await apply(other.hub, claim);
    await untilApplied(other.hub, [settings], "False");
    const [refused] = (await bindingOf(other.hub, settings))?.status?.aggregatedStatus ?? [];
    expect(refused?.appliedMessage).toContain(fleet.hubUid);
    expect(await mustRead(member1.client, settings)).toEqual(before);
  } finally {
    await other.stop();
  }
});
