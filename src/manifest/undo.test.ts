import { expect, test } from "vitest";
import type { KubeObject } from "#machinery";
import { applyMergePatch } from "#machinery/patch";
import { planDelete, planRelease } from "./release.ts";
import { planUndo } from "./undo.ts";
import { planWrite } from "./write-plan.ts";

const owner = { hub: "hub", work: "w/n" };
const labels = { "karmada.io/managed": "true" };
const annotations = {
  "migration.drover.io/hub": "hub",
  "work.karmada.io/namespace": "w",
  "work.karmada.io/name": "n",
  "work.karmada.io/conflict-resolution": "overwrite",
};

const deployment = (pod: object, metadata: object = {}, spec: object = {}): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace: "shop", name: "cart", ...metadata },
  spec: { ...spec, template: { spec: pod } },
});

const inMember = { uid: "u", resourceVersion: "1" };
const web = (more: object = {}): object => ({ name: "web", image: "nginx:1", ...more });

/** The object taken over with `desired`, and what others did since. */
function taken(original: KubeObject, desired: KubeObject): KubeObject {
  const plan = planWrite({
    cluster: "east",
    desired,
    live: original,
    last: undefined,
    ...owner,
    guard: "off",
    applyMode: "Merge",
    createdByUs: false,
  });
  if (plan.kind !== "patch") throw new Error(plan.kind);
  return applyMergePatch(original, plan.patch) as unknown as KubeObject;
}

function undone(original: KubeObject, lastApplied: KubeObject, live: KubeObject, exact = false): KubeObject {
  const plan = planUndo({ original, lastApplied, live }, { exact });
  return plan.kind === "patch" ? (applyMergePatch(live, plan.patch) as unknown as KubeObject) : live;
}

test("undo brings back what we changed, whole, and takes away what we added", () => {
  const original = deployment(
    { containers: [web({ env: [{ name: "A", value: "1" }] })], volumes: [{ name: "v", configMap: { name: "c" } }] },
    inMember,
    { strategy: { type: "Recreate" } },
  );
  const probe = { livenessProbe: { tcpSocket: { port: 80 } } };
  const desired = deployment(
    {
      containers: [
        {
          ...web(probe),
          image: "nginx:2",
          env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
        },
      ],
      volumes: [{ name: "v", secret: { secretName: "s" } }],
    },
    { labels, annotations },
    { strategy: { type: "RollingUpdate" } },
  );
  const live = taken(original, desired);
  const defaulted = {
    ...live,
    spec: { ...(live.spec as object), strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%" } } },
  };
  expect(undone(original, desired, defaulted)).toEqual(original);
});

test("undo keeps what others changed since, an exact undo does not", () => {
  const original = deployment({ containers: [web()] }, inMember);
  const desired = deployment({ containers: [{ ...web(), image: "nginx:2" }] }, { labels, annotations });
  const live = deployment(
    {
      containers: [
        { ...web(), image: "nginx:3" },
        { name: "sidecar", image: "envoy" },
      ],
    },
    { ...inMember, labels: { ...labels, team: "blue" }, annotations },
  );
  const kept = undone(original, desired, live);
  expect([kept.spec, kept.metadata.labels, kept.metadata.annotations]).toEqual([
    live.spec,
    { team: "blue" },
    undefined,
  ]);
  expect(undone(original, desired, live, true)).toEqual(original);
});

test("what comes back comes back in its order", () => {
  const env = [
    { name: "A", value: "1" },
    { name: "B", value: "$(A)" },
  ];
  const original = deployment({ containers: [web({ env })] }, inMember);
  const desired = deployment({ containers: [web({ env: env.slice(1) })] }, { labels, annotations });
  const live = deployment({ containers: [web({ env: env.slice(1) })] }, { ...inMember, labels, annotations });
  expect(undone(original, desired, live)).toEqual(original);
});

test("release takes away every key of ours, restores those the object had for itself, and writes nothing else", () => {
  const own = { "work.karmada.io/conflict-resolution": "abort", note: "mine" };
  const original = deployment({ containers: [web()] }, { ...inMember, annotations: own });
  const marks = {
    labels: { ...labels, "clusterresourcebinding.karmada.io/permanent-id": "x", tier: "front" },
    annotations: { ...annotations, "clusterpropagationpolicy.karmada.io/name": "p", note: "mine" },
  };
  const live = deployment({ containers: [web()] }, { ...inMember, ...marks });
  const plan = planRelease(live, { original, ...owner });
  expect(plan).toMatchObject({ kind: "patch", changed: [] });
  const back = plan.kind === "patch" ? applyMergePatch(live, plan.patch) : {};
  expect(back).toEqual({ ...original, metadata: { ...original.metadata, labels: { tier: "front" } } });
});

test("what is gone, unmanaged or somebody else's is neither released nor deleted", () => {
  const foreign = deployment({}, { labels, annotations: { ...annotations, "migration.drover.io/hub": "other" } });
  const plain = deployment({}, { labels: { app: "x" } });
  const plans = [undefined, plain, foreign].flatMap((live) => [
    planRelease(live, { original: undefined, ...owner }).kind,
    planDelete(live, owner).kind,
  ]);
  expect(plans).toEqual(["none", "none", "none", "none", "refused", "refused"]);
  expect(planDelete(deployment({}, { uid: "u", labels, annotations }), owner)).toEqual({ kind: "delete", uid: "u" });
});
