import { describe, expect, test } from "vitest";
import { invalid, type KubeObject } from "#machinery";
import { applyStrategicMergePatch } from "#machinery/patch";
import { builtinDefinitions } from "./index.ts";

function definitionOf(kind: string, version = "v1") {
  const found = builtinDefinitions().find((one) => one.kind === kind && one.version === version);
  if (found === undefined) throw new Error(`no kind ${kind}`);
  return found;
}

function make(kind: string, fields: object): KubeObject {
  const { group, version } = definitionOf(kind);
  const metadata = { name: "a", namespace: "n" };
  return { apiVersion: group === "" ? version : `${group}/${version}`, kind, metadata, ...fields };
}

/** The violations as the answer's message lists them. */
function violations(object: KubeObject, old?: KubeObject): readonly string[] {
  const causes = definitionOf(object.kind).schema.validate(object, old);
  return causes.map((cause) => invalid({ group: "", kind: "" }, "", [cause]).message.replace(' "" is invalid: ', ""));
}

const problems = (object: KubeObject): readonly string[] =>
  definitionOf(object.kind)
    .schema.check(object)
    .map(({ message }) => message);

const podSpec = { containers: [{ name: "c", image: "i" }] };
const template = { metadata: { labels: { app: "x" } }, spec: podSpec };
const selector = { matchLabels: { app: "x" } };
const deployment = (spec: object): KubeObject => make("Deployment", { spec: { selector, template, ...spec } });

describe("decoding", () => {
  test("names unknown fields by their path, in the order of the document", () => {
    const spec = { replicaz: 1, template: { spec: { containers: [{ imagee: "i" }] } } };
    expect(problems(make("Deployment", { spec, extra: 1 }))).toEqual([
      'unknown field "spec.replicaz"',
      'unknown field "spec.template.spec.containers[0].imagee"',
      'unknown field "extra"',
    ]);
  });

  test.each([
    [
      make("ConfigMap", { data: { a: 1 } }),
      "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
    ],
    [
      { ...make("ConfigMap", {}), metadata: [] as never },
      "json: cannot unmarshal array into Go struct field ConfigMap.metadata of type v1.ObjectMeta",
    ],
    [
      { ...make("ConfigMap", {}), metadata: { labels: { a: 1 as never } } },
      "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
    ],
    [
      make("Lease", { spec: { acquireTime: "yesterday" } }),
      'parsing time "yesterday" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "yesterday" as "2006"',
    ],
    [make("Secret", { data: { a: "&&&&" } }), "illegal base64 data at input byte 0"],
    [
      make("Deployment", { spec: { replicas: 1.5 } }),
      "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
  ])("words a wrong type as Go does (%#)", (object, message) => {
    expect(problems(object)).toEqual([message]);
  });

  test("drops unknown fields and nulls, and returns the same object where there are none", () => {
    const { schema } = definitionOf("ConfigMap");
    expect(schema.prune(make("ConfigMap", { data: { a: null }, datum: 1, binaryData: null }))).toEqual(
      make("ConfigMap", { data: { a: "" } }),
    );
    const clean = make("ConfigMap", { data: { a: "1" } });
    expect(schema.prune(clean)).toBe(clean);
  });
});

test("schema nodes know how strategic patches merge containers", () => {
  const root = definitionOf("Deployment").schema.root;
  const patch = { spec: { template: { spec: { containers: [{ name: "d", image: "j" }] } } } };
  const patched = applyStrategicMergePatch(deployment({}), patch, root);
  expect(patched.spec).toMatchObject({ template: { spec: { containers: [{ name: "d" }, { name: "c" }] } } });
});

describe("defaults", () => {
  test("a Secret is Opaque and takes stringData in", () => {
    const { schema } = definitionOf("Secret");
    const secret = make("Secret", { data: { a: "YQ==" }, stringData: { b: "b" } });
    expect(schema.applyDefaults(secret)).toEqual(make("Secret", { type: "Opaque", data: { a: "YQ==", b: "Yg==" } }));
  });

  test("an Event has its empty fields, in either group", () => {
    const event = definitionOf("Event").schema.applyDefaults(make("Event", { count: 1 }));
    expect(event).toMatchObject({ count: 1, eventTime: null, firstTimestamp: null, source: {} });
  });

  test("templates stay as they were written", () => {
    const written = deployment({});
    expect(definitionOf("Deployment").schema.applyDefaults(written)).toBe(written);
  });
});

describe("validation", () => {
  test("accepts what is in order", () => {
    const job = { template: { spec: { ...podSpec, restartPolicy: "Never" } } };
    const objects = [
      deployment({ replicas: 0, strategy: { type: "Recreate" } }),
      make("StatefulSet", { spec: { selector, template, serviceName: "s" } }),
      make("DaemonSet", { spec: { selector, template } }),
      make("Job", { spec: job }),
      make("CronJob", { spec: { schedule: "*/5 * * * *", jobTemplate: { spec: job } } }),
      make("Service", { spec: { ports: [{ port: 80 }], selector: { app: "x" } } }),
      make("Service", { spec: { clusterIP: "None" } }),
      make("ConfigMap", { data: { "a.b_c-d": "" } }),
      make("Ingress", { spec: { defaultBackend: { service: { name: "s", port: { number: 80 } } } } }),
    ];
    expect(objects.flatMap((object) => violations(object))).toEqual([]);
  });

  test("a Deployment needs a selector that takes its template, and sound containers", () => {
    expect(violations(make("Deployment", { spec: {} }))).toEqual([
      "spec.selector: Required value",
      "spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`",
      "spec.template.spec.containers: Required value",
    ]);
    const containers = [
      { name: "A_", image: "i" },
      { name: "c", ports: [{ containerPort: 99999 }], volumeMounts: [{ name: "nov", mountPath: "/v" }] },
    ];
    expect(violations(deployment({ replicas: -1, template: { ...template, spec: { containers } } }))).toEqual([
      "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
      expect.stringContaining('spec.template.spec.containers[0].name: Invalid value: "A_": a lowercase RFC 1123 label'),
      "spec.template.spec.containers[1].image: Required value",
      "spec.template.spec.containers[1].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive",
      'spec.template.spec.containers[1].volumeMounts[0].name: Not found: "nov"',
    ]);
  });

  test("a Deployment's selector cannot change, nor may it roll while it recreates", () => {
    const wider = { matchLabels: { app: "x", more: "y" } };
    const labels = { app: "x", more: "y" };
    const moved = deployment({ selector: wider, template: { ...template, metadata: { labels } } });
    expect(violations(moved, deployment({}))).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"x","more":"y"}}: field is immutable',
    ]);
    expect(violations(deployment({ strategy: { type: "Recreate", rollingUpdate: {} } }))).toEqual([
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ]);
  });

  test("a Job must end, and a request stay below its limit", () => {
    const resources = { requests: { cpu: "2" }, limits: { cpu: "1500m" } };
    const spec = { template: { spec: { containers: [{ name: "c", image: "i", resources }] } } };
    expect(violations(make("Job", { spec }))).toEqual([
      'spec.template.spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1500m',
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ]);
  });

  test("an immutable ConfigMap keeps its data and its immutability", () => {
    const old = make("ConfigMap", { data: { k: "v" }, immutable: true });
    expect(violations(make("ConfigMap", { data: { k: "w" } }), old)).toEqual([
      "immutable: Forbidden: field is immutable when `immutable` is set",
      "data: Forbidden: field is immutable when `immutable` is set",
    ]);
    expect(violations(make("ConfigMap", { data: { "..": "x", k: "x" }, binaryData: { k: "AAEC" } }))).toEqual([
      "data[..]: Invalid value: \"..\": must not be '..'",
      'data[k]: Invalid value: "k": duplicate of key present in binaryData',
    ]);
  });

  test("a typed Secret needs its keys and keeps its type", () => {
    const tls = make("Secret", { type: "kubernetes.io/tls", data: { "tls.crt": "YQ==" } });
    expect(violations(tls, make("Secret", { type: "Opaque" }))).toEqual([
      'type: Invalid value: "kubernetes.io/tls": field is immutable',
      "data[tls.key]: Required value",
    ]);
    const docker = make("Secret", { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": "YQ==" } });
    expect(violations(docker)).toEqual([
      "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'a' looking for beginning of value",
    ]);
  });

  test("roles and bindings are checked, and a roleRef cannot change", () => {
    expect(
      violations(make("Role", { rules: [{ nonResourceURLs: ["/x"], resources: ["x"], verbs: ["get"] }, {}] })),
    ).toEqual([
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
      "rules[1].verbs: Required value: verbs must contain at least one value",
      "rules[1].apiGroups: Required value: resource rules must supply at least one api group",
      "rules[1].resources: Required value: resource rules must supply at least one resource",
    ]);
    const binding = (name: string): KubeObject =>
      make("RoleBinding", { roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name } });
    expect(violations(binding("b"), binding("a"))).toEqual([
      'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"b"}: cannot change roleRef',
    ]);
  });

  test("a Service's ports are in range, and named where there are several", () => {
    const ports = [{ port: 0 }, { port: 80, name: "a", protocol: "Q" }, { port: 81, name: "a", nodePort: 30000 }];
    expect(violations(make("Service", { spec: { ports } }))).toEqual([
      "spec.ports[0].name: Required value",
      "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
      'spec.ports[1].protocol: Unsupported value: "Q": supported values: "SCTP", "TCP", "UDP"',
      'spec.ports[2].name: Duplicate value: "a"',
      "spec.ports[2].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ]);
  });
});

test("an autoscaler reads in both versions", () => {
  const { convert } = definitionOf("HorizontalPodAutoscaler", "v2");
  const target = { type: "Utilization", averageUtilization: 50 };
  const memory = { type: "Resource", resource: { name: "memory", target } };
  const cpu = { type: "Resource", resource: { name: "cpu", target } };
  const second = {
    ...make("HorizontalPodAutoscaler", {}),
    apiVersion: "autoscaling/v2",
    spec: { maxReplicas: 3, metrics: [memory, cpu] },
  };
  const first = convert?.(second, "autoscaling/v1");
  expect(first?.spec).toEqual({ maxReplicas: 3, targetCPUUtilizationPercentage: 50 });
  expect(first?.status).toEqual({ currentReplicas: 0, desiredReplicas: 0 });
  const again = first && convert?.(first, "autoscaling/v2");
  expect(again?.spec).toEqual({ maxReplicas: 3, metrics: [memory, cpu] });
  expect(again?.status).toEqual({ currentMetrics: null, desiredReplicas: 0 });
});

test("an event reads in both groups", () => {
  const { convert } = builtinDefinitions().find(({ group }) => group === "events.k8s.io") ?? {};
  const core = make("Event", { involvedObject: { name: "p" }, message: "m", count: 2 });
  const other = convert?.({ ...core, apiVersion: "v1" }, "events.k8s.io/v1");
  expect(other).toMatchObject({
    apiVersion: "events.k8s.io/v1",
    regarding: { name: "p" },
    note: "m",
    deprecatedCount: 2,
  });
  expect(other && convert?.(other, "v1")).toEqual({ ...core, apiVersion: "v1" });
});

test("events are selected by the object they are about", () => {
  const { selectableFields } = definitionOf("Event");
  const event = make("Event", { involvedObject: { name: "p", kind: "Pod" }, type: "Warning" });
  expect(selectableFields["involvedObject.name"]?.(event)).toBe("p");
  expect(selectableFields.type?.(event)).toBe("Warning");
});
