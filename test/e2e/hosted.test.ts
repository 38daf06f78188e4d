import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Adoption } from "#api/migration";
import type { Binding, Work } from "#api/work";
import type { KubeClient } from "#client";
import { findCondition, type KubeList, type KubeObject } from "#machinery";
import { type RealCluster, startRealCluster, unavailable, until } from "./cluster.ts";
import { clientOf, type RunningControllers, register, runControllers, sideBySide, startHostedHub } from "./hosted.ts";

const policies = { group: "policy.karmada.io", version: "v1alpha1", resource: "propagationpolicies" };
const configMaps = { group: "", version: "v1", resource: "configmaps" };

const deployment = (namespace: string, name: string, replicas = 1): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace, labels: { app: name } },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "web", image: "nginx:1.25" }] } },
  },
});

const service = (namespace: string, name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace },
  spec: { type: "NodePort", selector: { app: name }, ports: [{ port: 80, targetPort: 80 }] },
});

const configMap = (namespace: string, name: string, value = "1"): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace },
  data: { value },
});

const policy = (namespace: string, name: string, spec: object): KubeObject => ({
  apiVersion: "policy.karmada.io/v1alpha1",
  kind: "PropagationPolicy",
  metadata: { name, namespace },
  spec: { conflictResolution: "Overwrite", placement: { clusterAffinity: { clusterNames: ["e2em1"] } }, ...spec },
});

const select = (kind: string, name?: string): object => ({
  apiVersion: kind === "Deployment" ? "apps/v1" : "v1",
  kind,
  ...(name === undefined ? {} : { name }),
});

describe.skipIf(unavailable !== undefined)("taking a running cluster over", () => {
  let hub: RealCluster;
  let member: RealCluster;
  let second: RealCluster;
  let controllers: RunningControllers;
  let hubClient: KubeClient;

  beforeAll(async () => {
    [hub, member, second] = await Promise.all([
      startHostedHub("e2ehub", 21300),
      startRealCluster("e2em1", 21310, sideBySide),
      startRealCluster("e2em2", 21320, sideBySide),
    ]);
    hubClient = await clientOf("hub", hub.kubectl);
    await register(hubClient, member);
    await register(hubClient, second);
    controllers = await runControllers(hub.kubectl);
  }, 180_000);

  afterAll(async () => {
    await controllers?.stop();
    await Promise.all([hub, member, second].map((cluster) => cluster?.stop()));
  }, 60_000);

  const list = async <T extends KubeObject>(
    cluster: RealCluster,
    kind: string,
    namespace: string,
  ): Promise<readonly T[]> => (await cluster.kubectl.json<KubeList<T>>("get", kind, "-n", namespace)).items;

  /** Works for objects in one namespace; the namespace itself has a Work too. */
  async function worksFor(namespace: string): Promise<readonly Work[]> {
    const works = await list<Work>(hub, "works", "karmada-es-e2em1");
    return works.filter(({ spec }) => spec.workload?.manifests?.[0]?.metadata.namespace === namespace);
  }

  /** In the members first: the hub gives its namespaces to them. */
  async function namespaceOnAll(name: string): Promise<void> {
    await Promise.all([member, second].map((cluster) => cluster.kubectl("create", "namespace", name)));
    await hub.kubectl("create", "namespace", name);
  }

  async function fullyApplied(namespace: string, count: number): Promise<void> {
    await until(
      async () => {
        const bindings = await list<Binding>(hub, "resourcebindings", namespace);
        const good = bindings.filter((one) => findCondition(one.status?.conditions, "FullyApplied")?.status === "True");
        return good.length === count;
      },
      { what: `${count} bindings of ${namespace} to be fully applied`, timeoutMs: 30_000 },
    );
  }

  /** What must not change: Pods and ReplicaSets by UID, restart counts, and every object's spec and data. */
  async function picture(namespace: string): Promise<unknown> {
    const kinds = "pods,replicasets,deployments,services,configmaps";
    return (await list<KubeObject>(member, kinds, namespace))
      .filter(({ metadata }) => metadata.name !== "kube-root-ca.crt")
      .map((object) => [object.kind, object.metadata.name, object.metadata.uid, object.spec, object.data]);
  }

  async function running(namespace: string, objects: readonly KubeObject[]): Promise<void> {
    await namespaceOnAll(namespace);
    await member.kubectl.apply(objects);
    const deployments = objects
      .filter(({ kind }) => kind === "Deployment")
      .map(({ metadata }) => `deployment/${metadata.name}`);
    if (deployments.length > 0) {
      await member.kubectl("wait", "-n", namespace, "--for=condition=Available", "--timeout=60s", ...deployments);
    }
  }

  test("the guide's three policies adopt everything in place and give it back without a trace", async () => {
    const ns = "guide";
    const objects = [deployment(ns, "web", 2), deployment(ns, "nginx"), service(ns, "web"), configMap(ns, "conf")];
    await running(ns, objects);
    const before = await picture(ns);
    await hub.kubectl.apply(objects);
    await hub.kubectl.apply([
      policy(ns, "deployments", { resourceSelectors: [select("Deployment")] }),
      policy(ns, "services", { resourceSelectors: [select("Service")] }),
      policy(ns, "application", { resourceSelectors: [select("ConfigMap", "conf")] }),
    ]);
    await fullyApplied(ns, 4);
    expect(await picture(ns)).toEqual(before);
    const managed = await list<KubeObject>(member, "deployments,services,configmaps", ns);
    expect(managed.filter(({ metadata }) => metadata.labels?.["karmada.io/managed"] === "true")).toHaveLength(4);
    await until(
      async () =>
        (await hub.kubectl("get", "deploy", "web", "-n", ns, "-o", "jsonpath={.status.readyReplicas}")) === "2",
      {
        what: "the template's status",
      },
    );

    await Promise.all(
      ["deployments", "services", "application"].map((name) =>
        hub.kubectl(
          "patch",
          "propagationpolicy",
          name,
          "-n",
          ns,
          "--type=merge",
          "-p",
          '{"spec":{"preserveResourcesOnDeletion":true}}',
        ),
      ),
    );
    await hub.kubectl("delete", "deploy/web", "deploy/nginx", "svc/web", "cm/conf", "-n", ns);
    await until(async () => (await worksFor(ns)).length === 0, { what: "Works to go" });
    expect(await picture(ns)).toEqual(before);
    const left = await member.kubectl("get", "deployments,services,configmaps", "-n", ns, "-o", "yaml");
    expect(left).not.toMatch(/karmada\.io|drover\.io/);
    const rows = (await list<Adoption>(hub, "adoptions", "karmada-es-e2em1")).filter(
      ({ spec }) => spec.target.namespace === ns,
    );
    expect(rows.map((row) => row.status?.state)).toEqual(["Released", "Released", "Released", "Released"]);
  });

  test("preserve set and the template deleted without a pause, fifty times, deletes nothing", async () => {
    const ns = "race";
    const names = Array.from({ length: 50 }, (_, at) => `c${at}`);
    await running(
      ns,
      names.map((name) => configMap(ns, name)),
    );
    const before = await picture(ns);
    await hub.kubectl.apply(names.map((name) => configMap(ns, name)));
    await hub.kubectl.apply(names.map((name) => policy(ns, name, { resourceSelectors: [select("ConfigMap", name)] })));
    await fullyApplied(ns, 50);
    for (const name of names) {
      const body = { spec: { preserveResourcesOnDeletion: true } };
      await hubClient.patch({ type: policies, key: { namespace: ns, name } }, { type: "merge", body });
      await hubClient.delete({ type: configMaps, key: { namespace: ns, name } });
    }
    await until(async () => (await worksFor(ns)).length === 0, { what: "Works to go" });
    expect(await picture(ns)).toEqual(before);
  });

  test("without the flag the member's object goes with the template, and a policy's deletion changes nothing", async () => {
    const ns = "delete";
    await running(ns, [configMap(ns, "gone"), configMap(ns, "kept")]);
    await hub.kubectl.apply([configMap(ns, "gone"), configMap(ns, "kept")]);
    await hub.kubectl.apply([policy(ns, "all", { resourceSelectors: [select("ConfigMap")] })]);
    await fullyApplied(ns, 2);
    await hub.kubectl("delete", "propagationpolicy", "all", "-n", ns);
    await fullyApplied(ns, 2);
    expect(await hub.kubectl("get", "cm", "kept", "-n", ns, "-o", "yaml")).not.toMatch(
      /propagationpolicy\.karmada\.io/,
    );
    await hub.kubectl("delete", "cm", "gone", "-n", ns);
    await until(async () => (await member.kubectl.run(["get", "cm", "gone", "-n", ns])).code !== 0, {
      what: "the object to go",
    });
    expect(await member.kubectl("get", "cm", "kept", "-n", ns, "-o", "jsonpath={.data.value}")).toBe("1");
    await hub.kubectl("delete", "cm", "kept", "-n", ns);
  });

  test("Abort refuses with Karmada's words and changes no byte", async () => {
    const ns = "abort";
    await running(ns, [deployment(ns, "nginx")]);
    const before = await member.kubectl(
      "get",
      "deploy",
      "nginx",
      "-n",
      ns,
      "-o",
      "jsonpath={.metadata.resourceVersion}",
    );
    await hub.kubectl.apply([deployment(ns, "nginx")]);
    await hub.kubectl.apply([
      policy(ns, "nginx", { conflictResolution: "Abort", resourceSelectors: [select("Deployment", "nginx")] }),
    ]);
    const binding = async (): Promise<Binding> => hub.kubectl.json<Binding>("get", "rb", "nginx-deployment", "-n", ns);
    await until(async () => (await hub.kubectl.run(["get", "rb", "nginx-deployment", "-n", ns])).code === 0, {
      what: "a binding",
    });
    await until(async () => (await binding()).status?.aggregatedStatus !== undefined, { what: "an answer" });
    expect((await binding()).status?.aggregatedStatus).toEqual([
      {
        clusterName: "e2em1",
        appliedMessage:
          "Failed to apply all manifests (0/1): resource(kind=Deployment, abort/nginx) already exists in the cluster e2em1 and the work.karmada.io/conflict-resolution strategy value is empty, Karmada will not manage this resource",
        health: "Unknown",
      },
    ]);
    expect(findCondition((await binding()).status?.conditions, "FullyApplied")?.reason).toBe("FullyAppliedFailed");
    expect(await member.kubectl("get", "deploy", "nginx", "-n", ns, "-o", "jsonpath={.metadata.resourceVersion}")).toBe(
      before,
    );
    await hub.kubectl("delete", "deploy", "nginx", "-n", ns);
    await until(async () => (await worksFor(ns)).length === 0, { what: "Works to go" });
    expect(await member.kubectl("get", "deploy", "nginx", "-n", ns, "-o", "jsonpath={.metadata.resourceVersion}")).toBe(
      before,
    );
  });

  test("drift is reverted, a deleted object comes back, edits and removals follow the template", async () => {
    const ns = "drift";
    await running(ns, [configMap(ns, "conf")]);
    await hub.kubectl.apply([configMap(ns, "conf")]);
    await hub.kubectl.apply([policy(ns, "conf", { resourceSelectors: [select("ConfigMap", "conf")] })]);
    await fullyApplied(ns, 1);
    const value = async (path: string): Promise<string> =>
      (await member.kubectl.run(["get", "cm", "conf", "-n", ns, "-o", `jsonpath={${path}}`])).stdout;
    await member.kubectl(
      "patch",
      "cm",
      "conf",
      "-n",
      ns,
      "--type=merge",
      "-p",
      '{"data":{"value":"by hand","own":"kept"}}',
    );
    await until(async () => (await value(".data.value")) === "1", { what: "drift to be reverted" });
    expect(await value(".data.own")).toBe("kept");
    await member.kubectl("delete", "cm", "conf", "-n", ns);
    await until(async () => (await value(".data.value")) === "1", { what: "the object to come back" });
    await hub.kubectl("patch", "cm", "conf", "-n", ns, "--type=merge", "-p", '{"data":{"value":null,"second":"2"}}');
    await until(async () => (await value(".data")) === '{"second":"2"}', { what: "the edit to arrive" });
    await hub.kubectl("delete", "cm", "conf", "-n", ns);
  });

  test("a wider placement creates the application elsewhere, a narrower one removes it only there", async () => {
    const ns = "widen";
    const objects = [deployment(ns, "shop"), service(ns, "shop")];
    await running(ns, objects);
    await hub.kubectl.apply(objects);
    const resourceSelectors = [select("Deployment", "shop"), select("Service", "shop")];
    await hub.kubectl.apply([policy(ns, "shop", { resourceSelectors })]);
    await fullyApplied(ns, 2);
    const before = await picture(ns);
    const both = { clusterAffinity: { clusterNames: ["e2em1", "e2em2"] } };
    await hub.kubectl.apply([policy(ns, "shop", { resourceSelectors, placement: both })]);
    await until(async () => (await second.kubectl.run(["get", "deploy", "shop", "-n", ns])).code === 0, {
      what: "a second copy",
    });
    await second.kubectl("wait", "-n", ns, "--for=condition=Available", "--timeout=60s", "deploy/shop");
    await fullyApplied(ns, 2);
    await hub.kubectl.apply([policy(ns, "shop", { resourceSelectors })]);
    await until(async () => (await second.kubectl.run(["get", "deploy", "shop", "-n", ns])).code !== 0, {
      what: "the copy to go",
    });
    expect(await picture(ns)).toEqual(before);
  });

  test("a restart writes nothing to members", async () => {
    await controllers.stop();
    const before = (await list<KubeObject>(member, "deployments,services", "widen")).map(
      ({ metadata }) => metadata.resourceVersion,
    );
    controllers = await runControllers(hub.kubectl);
    await hub.kubectl.apply([
      configMap("widen", "after"),
      policy("widen", "after", { resourceSelectors: [select("ConfigMap", "after")] }),
    ]);
    await until(async () => (await member.kubectl.run(["get", "cm", "after", "-n", "widen"])).code === 0, {
      what: "work after the restart",
    });
    const { GET: _reads, ...writes } = controllers.requests("e2em1");
    expect(writes).toEqual({ POST: 1 });
    const after = (await list<KubeObject>(member, "deployments,services", "widen")).map(
      ({ metadata }) => metadata.resourceVersion,
    );
    expect(after).toEqual(before);
  });
});
