import { bindingNameFor } from "#api";
import type { KubeClient } from "#client";
import type { KubeObject } from "#machinery";
import { compare, isSettled, type PodRecords, podRecords } from "./evidence.ts";
import { droverOutput } from "./processes.ts";
import { backupCrd, manifests, namespaceObject, namespaces } from "./shop.ts";
import { type BindingView, createAll, eventually, policies, policy, type Selector, settled, typeOf } from "./story.ts";

/** Everything a chapter of the demo works with. */
export interface Stage {
  readonly hub: KubeClient;
  readonly hubKubeconfig: string;
  readonly member1: KubeClient;
  readonly member2: KubeClient;
  readonly member1Kubeconfig: string;
  readonly member2Kubeconfig: string;
  readonly say: Narrator;
}

export interface Narrator {
  chapter(title: string): void;
  /** A command the reader could have typed. */
  command(text: string): void;
  line(text: string): void;
  /** Output of a command, indented. */
  output(text: string): void;
}

const nameOf = (object: KubeObject): { readonly namespace: string; readonly name: string } => ({
  namespace: object.metadata.namespace ?? "",
  name: bindingNameFor({ kind: object.kind, name: object.metadata.name ?? "" }),
});

const deployments = { group: "apps", version: "v1", resource: "deployments" };

/** The shop runs in member1 for years: scaled by an HPA, restarted by hand, with an injected sidecar. */
export async function legacyShop({ member1, member2, say }: Stage): Promise<PodRecords> {
  say.chapter("A legacy shop runs in member1");
  for (const member of [member1, member2]) await member.create(typeOf(backupCrd), backupCrd);
  await eventually(
    "the shop's own kind",
    async () => (await member1.raw({ method: "GET", path: "/apis/shop.example.com/v1/backups" })).status === 200,
  );
  await createAll(member1, namespaces.map(namespaceObject));
  await createAll(member1, manifests());
  const restart = { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "2026-01-12T09:00:00Z" } } };
  const sidecar = { spec: { containers: [{ name: "mesh-proxy", image: "registry.example.com/mesh-proxy:2" }] } };
  await patchTemplate(member1, "shop", "cart", restart);
  await patchTemplate(member1, "payments", "checkout", sidecar);
  await eventually(
    "the HPA to scale web",
    async () => replicasOf(await member1.get(deployments, { namespace: "shop", name: "web" })) === 4,
  );
  await eventually("every Pod to run", () => isSettled(member1));
  const pods = await podRecords(member1);
  say.line(`${manifests().length} objects in ${namespaces.length} namespaces, ${pods.size} Pods.`);
  say.line(
    "web: scaled to 4 by its HPA (2 in Git) · cart: restarted by `kubectl rollout restart` · checkout: a mesh sidecar was injected",
  );
  return pods;
}

const patchTemplate = (
  member: KubeClient,
  namespace: string,
  name: string,
  template: Record<string, unknown>,
): Promise<KubeObject> =>
  member.patch({ type: deployments, key: { namespace, name } }, { type: "strategic", body: { spec: { template } } });

const replicasOf = (object: KubeObject): number => {
  const spec = object.spec as { readonly replicas?: number } | undefined;
  return spec?.replicas ?? 1;
};

/** Steps 1 and 2 of the guide: join, and the YAML from Git as templates. One template is newer than what runs. */
export async function templates(stage: Stage): Promise<void> {
  const { hub, say } = stage;
  say.chapter("Drover joins the clusters and gets the same YAML as templates");
  for (const [name, kubeconfig] of [
    ["member1", stage.member1Kubeconfig],
    ["member2", stage.member2Kubeconfig],
  ] as const) {
    say.command(`drover join ${name} --cluster-kubeconfig ${name}.kubeconfig`);
    say.output(lastLine(await droverOutput(["join", name, "--cluster-kubeconfig", kubeconfig], stage.hubKubeconfig)));
  }
  await eventually("both members to be Ready", async () => (await readyClusters(hub)) === 2);
  say.command("kubectl apply -f shop/        # nothing is propagated yet");
  await hub.create(typeOf(backupCrd), backupCrd);
  await eventually(
    "the hub to know the shop's kind",
    async () => (await hub.raw({ method: "GET", path: "/apis/shop.example.com/v1/backups" })).status === 200,
  );
  await createAll(hub, namespaces.map(namespaceObject));
  await createAll(hub, manifests().map(asInGit));
  await table(stage, ["get", "deploy", "-n", "shop", "--operation-scope=all"]);
}

/** What Git has differs from what runs in two places: fraud's image is newer, and images' owner opted out. */
function asInGit(object: KubeObject): KubeObject {
  const name = object.metadata.name;
  if (object.kind === "Deployment" && name === "images") {
    return {
      ...object,
      metadata: { ...object.metadata, annotations: { "work.karmada.io/conflict-resolution": "abort" } },
    };
  }
  if (object.kind !== "Deployment" || name !== "fraud") return object;
  const text = JSON.stringify(object).replace("fraud:1.4.2", "fraud:1.5.0");
  return JSON.parse(text) as KubeObject;
}

async function readyClusters(hub: KubeClient): Promise<number> {
  const { items } = await hub.list<BindingView>({
    group: "cluster.karmada.io",
    version: "v1alpha1",
    resource: "clusters",
  });
  return items.filter((item) => item.status?.conditions?.some((one) => one.type === "Ready" && one.status === "True"))
    .length;
}

/** Step 3 of the guide: all Deployments, then all Services of a namespace. */
export async function byKind(stage: Stage): Promise<void> {
  stage.say.chapter("By kind: all Deployments of shop, then all its Services");
  await takeOver(stage, "shop", "deployments", [{ apiVersion: "apps/v1", kind: "Deployment" }]);
  await takeOver(stage, "shop", "services", [{ apiVersion: "v1", kind: "Service" }]);
  await table(stage, ["get", "deploy", "-n", "shop", "--operation-scope=all"]);
  await table(stage, ["get", "svc", "-n", "shop", "--operation-scope=members", "-C", "member1"]);
}

const applicationKinds = [
  ["apps/v1", "Deployment", ""],
  ["v1", "Service", ""],
  ["v1", "ServiceAccount", ""],
  ["v1", "ConfigMap", "-config"],
] as const;

const applicationOf = (name: string): readonly Selector[] =>
  applicationKinds.map(([apiVersion, kind, suffix]) => ({ apiVersion, kind, name: `${name}${suffix}` }));

/** Step 3 again: one application's objects by name; then what is left, kind by kind. */
export async function byApplication(stage: Stage): Promise<void> {
  stage.say.chapter("By application: checkout and browse; then everything that is left");
  await takeOver(stage, "payments", "checkout", applicationOf("checkout"));
  await takeOver(stage, "catalog", "browse", applicationOf("browse"));
  for (const namespace of namespaces) {
    const kinds = new Map(
      manifests()
        .filter((one) => one.metadata.namespace === namespace)
        .map((one) => [`${one.apiVersion} ${one.kind}`, one]),
    );
    await takeOver(
      stage,
      namespace,
      "everything",
      [...kinds.values()].map(({ apiVersion, kind }) => ({ apiVersion, kind })),
    );
  }
}

async function takeOver(stage: Stage, namespace: string, name: string, selectors: readonly Selector[]): Promise<void> {
  const { hub, say } = stage;
  const selects = (object: KubeObject): boolean =>
    object.metadata.namespace === namespace &&
    selectors.some(
      (one) =>
        one.kind === object.kind &&
        one.apiVersion === object.apiVersion &&
        (one.name === undefined || one.name === object.metadata.name),
    );
  const targets = manifests().filter(selects);
  say.command(`kubectl apply -f ${namespace}-${name}-policy.yaml`);
  await hub.create(policies, policy(namespace, name, selectors));
  const found = await settled(hub, targets.map(nameOf));
  const applied = found.filter((one) => one.status?.aggregatedStatus?.every((item) => item.applied === true));
  say.line(`${namespace}/${name}: ${applied.length} of ${targets.length} managed now`);
}

/** What was refused, and why. */
export async function refusals(stage: Stage): Promise<void> {
  const { say } = stage;
  say.chapter("Two were refused, and nothing was written to them");
  for (const [namespace, name] of [
    ["catalog", "images"],
    ["payments", "fraud"],
  ] as const) {
    const args = ["describe", "deployment", name, "-n", namespace];
    say.command(`drover ${args.join(" ")}`);
    const described = await droverOutput(args, stage.hubKubeconfig);
    for (const line of described.split("\n").filter((one) => /^(Verdict|Next step):/.test(one))) say.output(line);
  }
}

/** One cluster becomes two: the reason people migrate. */
export async function extend(stage: Stage): Promise<void> {
  const { hub, member2, say } = stage;
  say.chapter("One application gets a second cluster");
  say.command("kubectl patch pp checkout -n payments --type=merge -p '{…clusterNames: [member1, member2]}'");
  const placement = { clusterAffinity: { clusterNames: ["member1", "member2"] } };
  await hub.patch(
    { type: policies, key: { namespace: "payments", name: "checkout" } },
    { type: "merge", body: { spec: { placement } } },
  );
  await eventually("checkout to be ready in member2", async () => {
    const answer = await member2.raw({ method: "GET", path: "/apis/apps/v1/namespaces/payments/deployments/checkout" });
    const status = (answer.body as { readonly status?: { readonly readyReplicas?: number } }).status;
    return answer.status === 200 && status?.readyReplicas === 2;
  });
  await table(stage, ["get", "deploy", "checkout", "-n", "payments", "--operation-scope=all"]);
}

/** The guide's rollback: preserve, delete the templates, no pause in between. Gives back how many objects were released. */
export async function rollBack(stage: Stage): Promise<number> {
  const { hub, member1, say } = stage;
  say.chapter("One application goes back");
  say.command('kubectl patch pp browse -n catalog --type=merge -p \'{"spec":{"preserveResourcesOnDeletion":true}}\'');
  await hub.patch(
    { type: policies, key: { namespace: "catalog", name: "browse" } },
    { type: "merge", body: { spec: { preserveResourcesOnDeletion: true } } },
  );
  say.command("kubectl delete deploy/browse svc/browse sa/browse cm/browse-config -n catalog");
  const selectors = applicationOf("browse");
  for (const { apiVersion, kind, name = "" } of selectors) {
    await hub.delete({ type: typeOf({ apiVersion, kind }), key: { namespace: "catalog", name } });
  }
  const managed = async (): Promise<readonly KubeObject[]> => {
    const objects = await Promise.all(
      selectors.map(({ apiVersion, kind, name = "" }) =>
        member1.get(typeOf({ apiVersion, kind }), { namespace: "catalog", name }),
      ),
    );
    return objects.filter(isManaged);
  };
  await eventually("browse to be unmanaged again", async () => (await managed()).length === 0);
  await table(stage, ["get", "deploy", "-n", "catalog", "--operation-scope=members", "-C", "member1"]);
  return selectors.length;
}

const isManaged = (object: KubeObject): boolean => object.metadata.labels?.["karmada.io/managed"] === "true";

export interface Verdict {
  readonly takenOver: number;
  readonly restarted: number;
  readonly replaced: number;
}

/** Looks at every object and Pod again and compares with the beginning. */
export async function evidence(stage: Stage, before: PodRecords, givenBack: number): Promise<Verdict> {
  const { member1, say } = stage;
  say.chapter("Evidence: every Pod of member1, before and after");
  const comparison = compare(before, await podRecords(member1));
  const live = await Promise.all(
    manifests().map((object) =>
      member1.get(typeOf(object), { namespace: object.metadata.namespace, name: object.metadata.name ?? "" }),
    ),
  );
  const managed = live.filter(isManaged).length;
  say.line(
    `objects   ${live.length} in place, ${managed} managed, ${givenBack} given back, ${live.length - managed - givenBack} refused`,
  );
  say.line(`Pods      ${comparison.pods} compared by UID, container ID and restart count`);
  say.line(`restarted ${comparison.restarted.length}${comparison.restarted.map((pod) => ` ${pod}`).join("")}`);
  say.line(`replaced  ${comparison.replaced.length}${comparison.replaced.map((pod) => ` ${pod}`).join("")}`);
  return {
    takenOver: managed + givenBack,
    restarted: comparison.restarted.length,
    replaced: comparison.replaced.length,
  };
}

async function table(stage: Stage, args: readonly string[]): Promise<void> {
  stage.say.command(`drover ${args.join(" ")}`);
  stage.say.output((await droverOutput(args, stage.hubKubeconfig)).trimEnd());
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";
