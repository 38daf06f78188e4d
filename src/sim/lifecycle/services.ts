import { isNotFound, type KubeObject, keyOf } from "#machinery";
import { controllerReference, type Pod, type Service, types } from "../kinds.ts";
import { contentHash, stableText } from "../names.ts";
import { type EndpointSet, endpointsOf } from "../plan/endpoints.ts";
import { ownKey } from "./owners.ts";
import type { View } from "./view.ts";
import type { Controller, World } from "./world.ts";

interface Endpoints extends KubeObject {
  readonly subsets?: readonly unknown[];
}
interface EndpointSlice extends KubeObject {
  readonly endpoints?: readonly unknown[];
  readonly ports?: readonly unknown[];
  readonly addressType?: string;
}

/** Endpoints and EndpointSlices: which Pods stand behind a Service. */
export function endpointController(world: World): Controller {
  const services = world.view<Service>(types.services);
  const pods = world.view<Pod>(types.pods);
  const endpoints = world.view<Endpoints>(types.endpoints);
  const slices = world.serves(types.endpointSlices) ? world.view<EndpointSlice>(types.endpointSlices) : undefined;
  const selecting = (pod: KubeObject): readonly string[] =>
    services
      .list(pod.metadata.namespace)
      .filter((service) => selects(service, pod))
      .map(keyOf);

  return {
    name: "endpoints",
    sources: [
      { type: types.services, keys: ownKey },
      { type: types.pods, keys: selecting },
    ],
    reconcile: async (key) => {
      const service = services.get(key);
      if (service === undefined) return removeLeftOver(key, endpoints);
      const set = endpointsOf(service, pods.list(service.metadata.namespace));
      if (set === undefined) return undefined;
      await write(endpoints, endpointsObject(service, set), (object) => object.subsets);
      if (slices !== undefined)
        await write(slices, sliceObject(service, set), (object) => [object.endpoints, object.ports]);
      return undefined;
    },
  };
}

function selects(service: Service, pod: KubeObject): boolean {
  const selector = Object.entries(service.spec.selector ?? {});
  return selector.length > 0 && selector.every(([key, value]) => pod.metadata.labels?.[key] === value);
}

/** Endpoints have no owner reference: they go with the Service of their name. */
async function removeLeftOver(key: string, endpoints: View<Endpoints>): Promise<undefined> {
  const left = endpoints.get(key);
  if (left === undefined) return;
  await endpoints.remove(left).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}

async function write<T extends KubeObject>(view: View<T>, wanted: T, content: (object: T) => unknown): Promise<void> {
  const present = view.get(keyOf(wanted));
  if (present === undefined) {
    await view.create(wanted);
  } else if (stableText(content(present)) !== stableText(content(wanted))) {
    await view.update({ ...present, ...wanted, metadata: { ...present.metadata, labels: wanted.metadata.labels } });
  }
}

const targetOf = (pod: Pod): unknown => ({
  kind: "Pod",
  namespace: pod.metadata.namespace,
  name: pod.metadata.name,
  uid: pod.metadata.uid,
});

function endpointsObject(service: Service, set: EndpointSet): Endpoints {
  const address = ({ pod }: EndpointSet["pods"][number]): unknown => ({
    ip: pod.status?.podIP,
    nodeName: pod.spec.nodeName,
    targetRef: targetOf(pod),
    ...(pod.spec.subdomain === service.metadata.name ? { hostname: pod.spec.hostname } : {}),
  });
  const ready = set.pods.filter((each) => each.ready).map(address);
  const unready = set.pods.filter((each) => !each.ready).map(address);
  const ports = set.ports.map(({ name, ...port }) => (name === "" ? port : { name, ...port }));
  const isEmpty = ready.length + unready.length === 0;
  const { name, namespace, labels } = service.metadata;
  const headless: Record<string, string> =
    service.spec.clusterIP === "None" ? { "service.kubernetes.io/headless": "" } : {};
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: {
      name,
      namespace,
      labels: { ...labels, ...headless, "endpoints.kubernetes.io/managed-by": "endpoint-controller" },
    },
    ...(isEmpty
      ? {}
      : {
          subsets: [
            {
              ...(ready.length === 0 ? {} : { addresses: ready }),
              ...(unready.length === 0 ? {} : { notReadyAddresses: unready }),
              ...(ports.length === 0 ? {} : { ports }),
            },
          ],
        }),
  };
}

/** One slice a Service: simulated Services have few Pods. Its name follows from the Service's. */
function sliceObject(service: Service, set: EndpointSet): EndpointSlice {
  const { name = "", namespace, labels, uid } = service.metadata;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${name.slice(0, 57)}-${contentHash(uid ?? name).slice(0, 5)}`,
      generateName: `${name}-`,
      namespace,
      labels: {
        ...labels,
        "kubernetes.io/service-name": name,
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        ...(service.spec.clusterIP === "None" ? { "service.kubernetes.io/headless": "" } : {}),
      },
      ownerReferences: [controllerReference(service)],
    },
    addressType: "IPv4",
    endpoints: set.pods.map(({ pod, ready }) => ({
      addresses: [pod.status?.podIP],
      conditions: { ready, serving: ready, terminating: false },
      nodeName: pod.spec.nodeName,
      targetRef: targetOf(pod),
      ...(pod.spec.subdomain === name ? { hostname: pod.spec.hostname } : {}),
    })),
    ports: set.ports,
  };
}
