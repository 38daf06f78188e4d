import { describe, expect, test } from "vitest";
import type { JsonObject } from "#base";
import type { SchemaNode } from "../kinds/definition.ts";
import { builtinDefinitions, typeNode } from "../kinds/index.ts";
import { encodeProtobuf } from "./encode.fixture.ts";
import { decodeProtobuf, ProtobufError, speaksProtobuf } from "./index.ts";

const roundTrip = (object: JsonObject, type: string): JsonObject =>
  decodeProtobuf(encodeProtobuf(object, typeNode(type)), typeNode(type));

const fromHex = (hex: string, type: string): JsonObject => decodeProtobuf(Buffer.from(hex, "hex"), typeNode(type));

describe("what kubectl 1.32 sends", () => {
  test("create deployment x2 --image=y", () => {
    const hex = `6b3873000a150a07617070732f7631120a4465706c6f796d656e74129f010a1d0a02783212001a0022002a003200380042005a090a
      036170701202783212700801120b0a090a03617070120278321a570a1b0a0012001a0022002a003200380042005a090a03617070120278321238121a
      0a01791201792a0042006a007200800100880100900100a201001a00320042004a0052005800600068008201008a01009a0100c2010022020a002800
      38001a0c0800100018002000280038001a002200`;
    expect(fromHex(hex.replaceAll(/\s/g, ""), "apps/v1.Deployment")).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "x2", labels: { app: "x2" } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: "x2" } },
        template: {
          metadata: { labels: { app: "x2" } },
          spec: { containers: [{ name: "y", image: "y", resources: {} }] },
        },
        strategy: {},
      },
      status: {},
    });
  });

  test("create secret generic s --from-literal=a=b", () => {
    const hex =
      "6b3873000a0c0a0276311206536563726574121d0a110a017312001a0022002a0032003800420012060a01611201621a001a002200";
    expect(fromHex(hex, "core/v1.Secret")).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s" },
      data: { a: "Yg==" },
    });
  });

  test("create poddisruptionbudget p --selector=a=b --min-available=50%", () => {
    const hex = `6b3873000a200a09706f6c6963792f76311213506f6444697372757074696f6e42756467657412360a110a017012001a0022002a00320038
      00420012150a09080110001a0335302512080a060a01611201621a0a080018002000280030001a002200`;
    expect(fromHex(hex.replaceAll(/\s/g, ""), "policy/v1.PodDisruptionBudget")).toMatchObject({
      spec: { minAvailable: "50%", selector: { matchLabels: { a: "b" } } },
      status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    });
  });
});

describe("fields", () => {
  test("an empty scalar is kept where its type tells it from an unset one", () => {
    const spec = { replicas: 0, minReadySeconds: 0, paused: false, revisionHistoryLimit: 0 };
    const decoded = roundTrip({ spec }, "apps/v1.Deployment");
    expect(decoded.spec).toMatchObject({ replicas: 0, revisionHistoryLimit: 0 });
    expect(Object.keys(decoded.spec as JsonObject)).not.toContain("paused");
    expect(Object.keys(decoded.spec as JsonObject)).not.toContain("minReadySeconds");
  });

  test("what Go embeds stands where JSON has it", () => {
    const volumes = [{ name: "v", configMap: { name: "settings", optional: false } }];
    const livenessProbe = { httpGet: { path: "/ok", port: "http" }, failureThreshold: 3 };
    const spec = { volumes, containers: [{ name: "c", livenessProbe }], ephemeralContainers: [{ name: "e" }] };
    expect(roundTrip({ spec }, "core/v1.Pod").spec).toMatchObject(spec);
    const rule = { host: "a", http: { paths: [{ path: "/", pathType: "Exact" }] } };
    expect(roundTrip({ spec: { rules: [rule] } }, "networking/v1.Ingress").spec).toMatchObject({ rules: [rule] });
  });

  test("numbers, times, quantities, bytes, open objects and lists in maps", () => {
    const secret = { metadata: { name: "a", generation: 2n ** 60n }, data: { k: "AP8=", empty: "" } };
    expect(roundTrip(secret, "core/v1.Secret")).toMatchObject(secret);
    const pod = { spec: { priority: -5, securityContext: { supplementalGroups: [0, 7] } } };
    expect(roundTrip(pod, "core/v1.Pod")).toMatchObject(pod);
    const quota = { spec: { hard: { cpu: "1500m" } } };
    expect(roundTrip(quota, "core/v1.ResourceQuota")).toMatchObject(quota);
    const revision = { data: { deep: [{ n: 2n ** 60n }] }, revision: 3 };
    expect(roundTrip(revision, "apps/v1.ControllerRevision")).toMatchObject(revision);
    const request = { spec: { extra: { scopes: ["a", "b"], none: [] } } };
    expect(roundTrip(request, "authorization/v1.SubjectAccessReview")).toMatchObject(request);
    const old = {
      metadata: { creationTimestamp: "1969-12-31T23:59:59Z", managedFields: [{ fieldsV1: { "f:a": {} } }] },
    };
    expect(roundTrip(old, "core/v1.ConfigMap")).toMatchObject(old);
    expect(roundTrip({ renewTime: null }, "coordination/v1.LeaseSpec")).toEqual({});
  });

  test("numbers packed together, fields of newer versions, messages given in parts", () => {
    const packed = [0x12, 0x08, 0x72, 0x06, 0x22, 0x04, 0x01, 0x02, 0xac, 0x02];
    const unknown = [0xfa, 0x7f, 0x01, 0x09];
    const parts = [0x0a, 0x03, 0x0a, 0x01, 0x61, 0x0a, 0x03, 0x12, 0x01, 0x67];
    const raw = [...packed, ...unknown, ...parts];
    const bytes = Uint8Array.from([0x6b, 0x38, 0x73, 0, 0x12, raw.length, ...raw]);
    expect(decodeProtobuf(bytes, typeNode("core/v1.Pod"))).toEqual({
      metadata: { name: "a", generateName: "g" },
      spec: { securityContext: { supplementalGroups: [1, 2, 300] } },
    });
  });

  test("an object of another kind is named, not read", () => {
    const secret = encodeProtobuf({ apiVersion: "v1", kind: "Secret" }, typeNode("core/v1.Secret"));
    expect(decodeProtobuf(secret, typeNode("core/v1.ConfigMap"))).toEqual({ apiVersion: "v1", kind: "Secret" });
  });
});

/** All but kind and apiVersion, which the envelope has. */
const fieldsOf = (node: SchemaNode): readonly (readonly [string, SchemaNode])[] =>
  (node.fieldNames?.() ?? [])
    .filter((name) => name !== "kind" && name !== "apiVersion")
    .flatMap((name) => {
      const field = node.field?.(name);
      return field === undefined ? [] : [[name, field] as const];
    });

test("every kind that speaks protobuf has a number for each of its fields", () => {
  const seen = new Set<SchemaNode>();
  const missing: string[] = [];
  const visit = (node: SchemaNode, path: string): void => {
    if (node.values !== undefined) visit(node.values, path);
    if (node.type !== "object" || seen.has(node)) return;
    seen.add(node);
    for (const [name, field] of fieldsOf(node)) {
      if ((field.protobufNumber ?? 0) === 0) missing.push(`${path}.${name}`);
      visit(field, `${path}.${name}`);
    }
  };
  const speaking = builtinDefinitions().filter((definition) => speaksProtobuf(definition.schema.root));
  for (const { kind, schema } of speaking) visit(schema.root, kind);
  expect(missing).toEqual([]);
  expect(speaking.length).toBeGreaterThan(60);
});

test("any bytes are an object or refused", () => {
  const node = typeNode("core/v1.Pod");
  const whole = encodeProtobuf(
    { kind: "Pod", metadata: { name: "p" }, spec: { containers: [{ name: "c", ports: [{ containerPort: 1 }] }] } },
    node,
  );
  let state = 7;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
  let refused = 0;
  for (let round = 0; round < 3_000; round += 1) {
    const bytes = whole.slice(0, random(4) === 0 ? random(whole.length) : whole.length);
    for (let flips = random(4); flips >= 0; flips -= 1) bytes[4 + random(whole.length)] = random(256);
    try {
      expect(typeof decodeProtobuf(bytes, node)).toBe("object");
    } catch (error) {
      expect(error).toBeInstanceOf(ProtobufError);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(100);
});
