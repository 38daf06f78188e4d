import fc from "fast-check";
import { expect, test } from "vitest";
import type { KubeObject } from "#machinery";
import { applyMergePatch } from "#machinery/patch";
import { planRelease, planUndo, planWrite, type WriteInput } from "#manifest";

const seed = 20261122;
const words = fc.constantFrom("a", "b", "c", "d");
const image = fc.constantFrom("nginx:1", "nginx:2", "envoy:1");
const strings = fc.dictionary(words, words, { maxKeys: 3 });
const cpu = fc.constantFrom("1", "1000m", "500m", "0.5", 2);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

const container = fc.record(
  {
    name: fc.constantFrom("web", "proxy", "log"),
    image,
    args: maybe(fc.array(words, { maxLength: 2 })),
    env: maybe(
      fc.uniqueArray(fc.record({ name: words, value: fc.constantFrom("", "x", "y") }), { selector: (e) => e.name }),
    ),
    ports: maybe(
      fc.uniqueArray(
        fc.record({ containerPort: fc.constantFrom(80, 443), protocol: maybe(fc.constantFrom("TCP", "UDP")) }),
        {
          selector: (port) => `${port.containerPort}/${port.protocol ?? "TCP"}`,
        },
      ),
    ),
    resources: maybe(fc.record({ limits: maybe(fc.record({ cpu })), requests: maybe(fc.record({ cpu })) })),
    livenessProbe: maybe(
      fc.oneof(
        fc.record({ httpGet: fc.record({ path: words, port: fc.constantFrom(80, "80", "http") }) }),
        fc.record({ tcpSocket: fc.record({ port: fc.constant(80) }), periodSeconds: fc.constantFrom(0, 10, 20) }),
      ),
    ),
  },
  { requiredKeys: ["name", "image"] },
);

const volume = fc.oneof(
  fc.record({ name: words, configMap: fc.record({ name: words }) }),
  fc.record({ name: words, emptyDir: fc.constant({}) }),
  fc.record({ name: words, secret: fc.record({ secretName: words }) }),
);

const spec = fc.record(
  {
    replicas: fc.integer({ min: 0, max: 4 }),
    minReadySeconds: fc.constantFrom(0, 5),
    strategy: fc.constantFrom({ type: "Recreate" }, { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } }, {}),
    template: fc.record({
      metadata: fc.record({ labels: maybe(strings), annotations: maybe(strings) }),
      spec: fc.record({
        containers: fc.uniqueArray(container, { selector: (one) => one.name, minLength: 1 }),
        initContainers: maybe(fc.uniqueArray(container, { selector: (one) => one.name })),
        volumes: maybe(fc.uniqueArray(volume, { selector: (one) => one.name })),
        tolerations: maybe(fc.array(fc.record({ key: words, operator: fc.constant("Exists") }), { maxLength: 2 })),
        nodeSelector: maybe(strings),
        hostNetwork: maybe(fc.boolean()),
        priority: fc.constantFrom(undefined, null, 0, 9007199254740993n),
      }),
    }),
  },
  { requiredKeys: ["template"] },
);

const clean = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => (field == null ? [] : [[key, clean(field)]])),
  );
};

const marks = { "karmada.io/managed": "true" };
const notes = {
  "migration.drover.io/hub": "hub",
  "work.karmada.io/namespace": "karmada-es-east",
  "work.karmada.io/name": "cart",
  "work.karmada.io/conflict-resolution": "overwrite",
};

const kinds = fc.constantFrom(["apps/v1", "Deployment"], ["shop.io/v1", "Cart"]);
const parts = fc.record({
  kind: kinds,
  desired: spec,
  live: spec,
  last: maybe(spec),
  labels: strings,
  annotations: strings,
});

type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;

function objectOf({ kind }: Parts, body: unknown, metadata: object): KubeObject {
  const [apiVersion, name] = kind;
  return clean({
    apiVersion,
    kind: name,
    metadata: { namespace: "shop", name: "cart", ...metadata },
    spec: body,
  }) as KubeObject;
}

function inputOf(of: Parts, over: Partial<WriteInput> = {}): WriteInput & { readonly live: KubeObject } {
  const live = objectOf(of, of.live, {
    uid: "u",
    resourceVersion: "1",
    labels: of.labels,
    annotations: of.annotations,
  });
  return {
    cluster: "east",
    desired: objectOf(of, of.desired, { labels: marks, annotations: notes }),
    last: of.last === undefined ? undefined : objectOf(of, of.last, { labels: { old: "x" } }),
    hub: "hub",
    work: "karmada-es-east/cart",
    guard: "off",
    applyMode: "Merge",
    createdByUs: false,
    ...over,
    live,
  };
}

const writtenTo = (live: KubeObject, patch: unknown): KubeObject =>
  applyMergePatch(live, patch) as unknown as KubeObject;

test.each(["Merge", "Replace"] as const)("a written object needs no second write under %s", (applyMode) => {
  fc.assert(
    fc.property(parts, (of) => {
      const input = inputOf(of, { applyMode });
      const plan = planWrite(input);
      if (plan.kind !== "patch") return;
      const again = planWrite({ ...input, live: writtenTo(input.live, plan.patch), last: input.desired });
      expect(again).toMatchObject({ kind: "none" });
    }),
    { seed, numRuns: 400 },
  );
});

test("a path that neither the template nor the last manifest has keeps its live value", () => {
  const leaves = (value: unknown, path = ""): readonly (readonly [string, unknown])[] =>
    typeof value !== "object" || value === null || Array.isArray(value)
      ? [[path, value]]
      : Object.entries(value).flatMap(([key, field]) => leaves(field, `${path}/${key}`));
  fc.assert(
    fc.property(parts, (of) => {
      const input = inputOf(of, { last: undefined });
      const plan = planWrite(input);
      if (plan.kind !== "patch") return;
      const stated = leaves(input.desired.spec).map(([path]) => path);
      const isStated = (path: string): boolean =>
        path.startsWith("/strategy") || stated.some((other) => path.startsWith(other) || other.startsWith(path));
      const after = new Map(leaves(writtenTo(input.live, plan.patch).spec));
      for (const [path, value] of leaves(input.live.spec)) {
        if (!isStated(path)) expect([path, after.get(path)]).toEqual([path, value]);
      }
    }),
    { seed, numRuns: 400 },
  );
});

test("release after a metadata-only takeover gives back the labels and annotations of before", () => {
  fc.assert(
    fc.property(parts, (of) => {
      const input = inputOf({ ...of, desired: of.live });
      const plan = planWrite(input);
      const taken = plan.kind === "patch" ? writtenTo(input.live, plan.patch) : input.live;
      const release = planRelease(taken, { original: input.live, hub: "hub", work: "karmada-es-east/cart" });
      if (release.kind !== "patch") throw new Error(release.kind);
      expect(Object.keys(release.patch)).toEqual(["metadata"]);
      expect(writtenTo(taken, release.patch)).toEqual(input.live);
    }),
    { seed, numRuns: 300 },
  );
});

test("an exact undo gives back the original, whatever was written", () => {
  fc.assert(
    fc.property(parts, (of) => {
      const input = inputOf(of, { last: undefined });
      const plan = planWrite(input);
      const taken = plan.kind === "patch" ? writtenTo(input.live, plan.patch) : input.live;
      const undo = planUndo({ original: input.live, lastApplied: input.desired, live: taken }, { exact: true });
      const back = undo.kind === "patch" ? writtenTo(taken, undo.patch) : taken;
      expect(back.metadata).toEqual(input.live.metadata);
      const again = planUndo({ original: input.live, lastApplied: input.desired, live: back }, { exact: true });
      expect(again.kind).toBe("none");
    }),
    { seed, numRuns: 300 },
  );
});
