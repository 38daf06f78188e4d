import { isReady, type Pod, type Service, type ServicePort } from "../kinds.ts";

interface EndpointPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
}

export interface EndpointSet {
  readonly ports: readonly EndpointPort[];
  readonly pods: readonly { readonly pod: Pod; readonly ready: boolean }[];
}

/** Which Pods stand behind a Service, and on which ports; undefined where it selects none by itself. */
export function endpointsOf(service: Service, pods: readonly Pod[]): EndpointSet | undefined {
  const selector = Object.entries(service.spec.selector ?? {});
  if (selector.length === 0 || service.spec.type === "ExternalName") return undefined;
  const behind = pods
    .filter((pod) => selector.every(([key, value]) => pod.metadata.labels?.[key] === value))
    .filter((pod) => pod.status?.podIP !== undefined && pod.metadata.deletionTimestamp === undefined)
    .filter((pod) => pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed")
    .sort((left, right) => ((left.metadata.name ?? "") < (right.metadata.name ?? "") ? -1 : 1));
  const first = behind[0];
  return {
    ports: (service.spec.ports ?? []).flatMap((port) => portsOf(port, first)),
    pods: behind.map((pod) => ({ pod, ready: isReady(pod) || service.spec.publishNotReadyAddresses === true })),
  };
}

/** A named target port is looked up in the Pod; a name no container has leaves the port out. */
function portsOf(port: ServicePort, pod: Pod | undefined): readonly EndpointPort[] {
  const target = port.targetPort ?? port.port;
  const protocol = port.protocol ?? "TCP";
  const named = (pod?.spec.containers ?? [])
    .flatMap((container) => container.ports ?? [])
    .find((each) => each.name === target && (each.protocol ?? "TCP") === protocol)?.containerPort;
  const number = typeof target === "number" ? target : named;
  if (number === undefined) return [];
  const { appProtocol } = port;
  const base = { name: port.name ?? "", port: number, protocol };
  return [appProtocol === undefined ? base : { ...base, appProtocol }];
}
