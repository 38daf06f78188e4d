import { expect, test } from "vitest";
import type { AdmissionRequest } from "#apiserver";
import type { KubeObject } from "#machinery";
import type { Service } from "../kinds.ts";
import { seededRandom } from "../names.ts";
import { clusterAdmission } from "./plugin.ts";
import { ServiceAllocator } from "./services.ts";

const plugin = () => {
  const services = new ServiceAllocator(seededRandom(1));
  return { services, ...clusterAdmission({ services, random: seededRandom(2), hasServiceAccount: () => false }) };
};

const requestFor = (group: string, resource: string, object: KubeObject, old?: KubeObject): AdmissionRequest => ({
  operation: old === undefined ? "CREATE" : "UPDATE",
  group,
  version: "v1",
  resource,
  subresource: "",
  namespace: object.metadata.namespace ?? "",
  name: object.metadata.name ?? "",
  object,
  old,
  user: { name: "admin", groups: [] },
  dryRun: false,
});

const service = (name: string, spec: Partial<Service["spec"]>): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "shop" },
  spec: { ports: [{ port: 80 }], ...spec },
});

function admitService(to: ReturnType<typeof plugin>, wanted: Service, old?: Service): Service["spec"] {
  const admitted = to.admit?.(requestFor("", "services", wanted, old)) as Service | undefined;
  if (admitted === undefined) throw new Error("the plugin did not admit the Service");
  return admitted.spec;
}

test("a Service gets an address of its own and keeps it in an update that names none", () => {
  const cluster = plugin();
  const web = admitService(cluster, service("web", { type: "NodePort" }));
  const other = admitService(cluster, service("other", {}));
  expect(web).toMatchObject({
    type: "NodePort",
    sessionAffinity: "None",
    clusterIPs: [web.clusterIP],
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
    internalTrafficPolicy: "Cluster",
    externalTrafficPolicy: "Cluster",
    ports: [{ port: 80, targetPort: 80, protocol: "TCP" }],
  });
  expect(other.clusterIP).not.toBe(web.clusterIP);
  expect(admitService(cluster, service("web", { type: "NodePort" }), service("web", web))).toEqual(web);
});

test("a node port that another Service has is refused by name, and free again once that is gone", () => {
  const cluster = plugin();
  const spec = { type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] };
  const first = admitService(cluster, service("first", spec));
  expect(() => admitService(cluster, service("second", spec))).toThrow(
    'Service "second" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
  );
  cluster.services.observe(service("first", first), true);
  expect(admitService(cluster, service("second", spec)).ports?.[0]?.nodePort).toBe(30080);
});

test("another cluster IP than the present one is refused", () => {
  const cluster = plugin();
  const web = service("web", admitService(cluster, service("web", {})));
  expect(() => admitService(cluster, service("web", { clusterIP: "10.96.0.99" }), web)).toThrow(
    "may not change once set",
  );
});

test("a headless Service stays without an address", () => {
  expect(admitService(plugin(), service("db", { clusterIP: "None" }))).toMatchObject({
    clusterIP: "None",
    clusterIPs: ["None"],
  });
});

test("a dry run holds no node port", () => {
  const cluster = plugin();
  const spec = { type: "NodePort", ports: [{ port: 80, nodePort: 30081 }] };
  cluster.admit?.({ ...requestFor("", "services", service("trial", spec)), dryRun: true });
  expect(admitService(cluster, service("real", spec)).ports?.[0]?.nodePort).toBe(30081);
});

const deployment = (app: string): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop" },
  spec: { selector: { matchLabels: { app } }, template: { metadata: { labels: { app } }, spec: { containers: [] } } },
});

test("the selector of a Deployment never changes", () => {
  expect(() => plugin().validate?.(requestFor("apps", "deployments", deployment("b"), deployment("a")))).toThrow(
    'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
  );
});

test("the Pod spec of a Job never changes", () => {
  const job = (image: string): KubeObject => ({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "once", namespace: "shop" },
    spec: { template: { spec: { containers: [{ name: "once", image }] } } },
  });
  expect(() => plugin().validate?.(requestFor("batch", "jobs", job("b"), job("a")))).toThrow(
    "spec.template: Invalid value",
  );
  expect(() => plugin().validate?.(requestFor("batch", "jobs", job("a"), job("a")))).not.toThrow();
});

test("a Pod of a ServiceAccount that is not there is refused", () => {
  const pod: KubeObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "shop" },
    spec: { serviceAccountName: "robot", containers: [] },
  };
  expect(() => plugin().admit?.(requestFor("", "pods", pod))).toThrow(
    'pods "web" is forbidden: error looking up service account shop/robot: serviceaccount "robot" not found',
  );
});
