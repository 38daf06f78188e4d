import type { AdmissionRequest } from "#apiserver";
import { type Key, keyFor, type StatusCause } from "#machinery";
import type { Service, ServicePort } from "../kinds.ts";
import type { Random } from "../names.ts";
import {
  Addresses,
  clusterIPAt,
  clusterIPCount,
  isClusterIP,
  nodePortAt,
  nodePortCount,
  nodePorts,
} from "./addresses.ts";
import { refused, wrong } from "./refusal.ts";

type Spec = Service["spec"];

/**
 * Cluster IPs and node ports: given out when a Service is created, kept by every later write that does not name them,
 * refused where somebody else has them, free again once the Service is gone.
 */
export class ServiceAllocator {
  readonly #random: Random;
  readonly #clusterIPs = new Addresses<string>();
  readonly #nodePorts = new Addresses<number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** The Service with its addresses. @throws StatusError 422 where it names some that it cannot have. */
  admit(request: AdmissionRequest): Service {
    const service = request.object as Service;
    const old = request.old as Service | undefined;
    const holder = keyFor({ namespace: request.namespace, name: request.name });
    const spec = completeService(keptFrom(old?.spec, service.spec));
    const causes = [
      ...this.#clusterIPCauses(spec, holder),
      ...immovable(old?.spec, spec),
      ...this.#portCauses(spec, holder),
    ];
    if (causes.length > 0) throw refused(request, causes);
    const addressed = this.#withPorts(this.#withClusterIP(spec, holder), holder);
    if (!request.dryRun) this.#take(addressed, holder);
    return { ...service, spec: addressed };
  }

  /** Follows what is really there: what a Service no longer has is free again. */
  observe(service: Service, isGone: boolean): void {
    const holder = keyFor({ namespace: service.metadata.namespace, name: service.metadata.name ?? "" });
    this.#clusterIPs.keepOnly(holder, isGone ? [] : ownIPs(service.spec));
    this.#nodePorts.keepOnly(holder, isGone ? [] : ownPorts(service.spec));
  }

  #take(spec: Spec, holder: Key): void {
    for (const address of ownIPs(spec)) this.#clusterIPs.take(address, holder);
    for (const port of ownPorts(spec)) this.#nodePorts.take(port, holder);
  }

  #clusterIPCauses(spec: Spec, holder: Key): readonly StatusCause[] {
    return ownIPs(spec).flatMap((address) => {
      if (!isClusterIP(address)) {
        const why = `failed to allocate IP ${address}: the provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/12`;
        return [wrong("spec.clusterIPs", [address], why)];
      }
      const why = `failed to allocate IP ${address}: provided IP is already allocated`;
      return this.#clusterIPs.isFreeFor(address, holder) ? [] : [wrong("spec.clusterIPs", [address], why)];
    });
  }

  #portCauses(spec: Spec, holder: Key): readonly StatusCause[] {
    return (spec.ports ?? []).flatMap(({ nodePort }, index) => {
      if (nodePort === undefined || nodePort === 0) return [];
      const field = `spec.ports[${index}].nodePort`;
      if (nodePort < nodePorts.first || nodePort > nodePorts.last) {
        const range = `${nodePorts.first}-${nodePorts.last}`;
        return [
          wrong(field, nodePort, `provided port is not in the valid range. The range of valid ports is ${range}`),
        ];
      }
      const isFree = this.#nodePorts.isFreeFor(nodePort, holder);
      return isFree ? [] : [wrong(field, nodePort, "provided port is already allocated")];
    });
  }

  #withClusterIP(spec: Spec, holder: Key): Spec {
    if (spec.type === "ExternalName" || (spec.clusterIP ?? "") !== "") return spec;
    const clusterIP = this.#clusterIPs.draw(this.#random, clusterIPCount, clusterIPAt) ?? "";
    this.#clusterIPs.isFreeFor(clusterIP, holder);
    return { ...spec, clusterIP, clusterIPs: [clusterIP] };
  }

  #withPorts(spec: Spec, holder: Key): Spec {
    if (!needsNodePorts(spec)) return spec;
    const drawn: number[] = [];
    const free = (): number => {
      const port = this.#nodePorts.draw(this.#random, nodePortCount, nodePortAt) ?? nodePorts.first;
      if (!drawn.includes(port)) {
        drawn.push(port);
        return port;
      }
      return free();
    };
    const ports = (spec.ports ?? []).map((port) => ((port.nodePort ?? 0) === 0 ? { ...port, nodePort: free() } : port));
    const needsHealthPort = spec.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local";
    const health = needsHealthPort && (spec.healthCheckNodePort ?? 0) === 0 ? { healthCheckNodePort: free() } : {};
    for (const port of drawn) if (!this.#nodePorts.isFreeFor(port, holder)) return this.#withPorts(spec, holder);
    return { ...spec, ports, ...health };
  }
}

const ownIPs = (spec: Spec): readonly string[] => {
  const address = spec.clusterIP ?? "";
  return address === "" || address === "None" ? [] : [address];
};

const ownPorts = (spec: Spec): readonly number[] =>
  [...(spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0), spec.healthCheckNodePort ?? 0].filter(
    (port) => port > 0,
  );

const needsNodePorts = (spec: Spec): boolean =>
  spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false);

/** What the author left out and the Service already has; what its new type has no use for is dropped. */
function keptFrom(old: Spec | undefined, spec: Spec): Spec {
  if (old === undefined) return spec;
  const isNamed = spec.type !== "ExternalName" && old.type !== "ExternalName";
  const sameIP = isNamed && (spec.clusterIP ?? "") === "" && (spec.clusterIPs ?? []).length === 0;
  const families = isNamed ? { ipFamilies: old.ipFamilies, ipFamilyPolicy: old.ipFamilyPolicy } : {};
  const kept: Spec = {
    ...families,
    ...spec,
    ...(sameIP ? { clusterIP: old.clusterIP, clusterIPs: old.clusterIPs } : {}),
    ports: spec.ports?.map((port) => keptPort(port, { old, spec })),
  };
  if (!isExternal(spec))
    return without(kept, ["externalTrafficPolicy", "healthCheckNodePort", "allocateLoadBalancerNodePorts"]);
  const health = spec.healthCheckNodePort ?? old.healthCheckNodePort;
  return health === undefined ? kept : { ...kept, healthCheckNodePort: health };
}

function keptPort(port: ServicePort, { old, spec }: { readonly old: Spec; readonly spec: Spec }): ServicePort {
  const before = old.ports?.find(
    (each) => each.port === port.port && (each.protocol ?? "TCP") === (port.protocol ?? "TCP"),
  )?.nodePort;
  if (isExternal(spec))
    return (port.nodePort ?? 0) === 0 && before !== undefined ? { ...port, nodePort: before } : port;
  if (port.nodePort !== before || before === undefined) return port;
  const { nodePort: _dropped, ...rest } = port;
  return rest;
}

const isExternal = (spec: Spec): boolean => spec.type === "NodePort" || spec.type === "LoadBalancer";

function without(spec: Spec, fields: readonly string[]): Spec {
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !fields.includes(field))) as Spec;
}

/** A cluster IP stays for the life of a Service, unless it stops having one. */
function immovable(old: Spec | undefined, spec: Spec): readonly StatusCause[] {
  const before = old?.clusterIP ?? "";
  if (before === "" || old?.type === "ExternalName" || spec.type === "ExternalName") return [];
  if (spec.clusterIP === before) return [];
  return [wrong("spec.clusterIPs[0]", spec.clusterIPs ?? [spec.clusterIP], "may not change once set")];
}

/** A Service's spec with what an API server fills in, addresses aside. */
function completeService(given: Spec): Spec {
  const spec: Spec = { ...given, type: given.type ?? "ClusterIP", sessionAffinity: given.sessionAffinity ?? "None" };
  const ports = spec.ports?.map((port) => {
    const { targetPort, protocol = "TCP" } = port;
    const isGiven = targetPort !== undefined && targetPort !== 0 && targetPort !== "";
    return { ...port, protocol, targetPort: isGiven ? targetPort : port.port };
  });
  const isSticky = spec.sessionAffinity === "ClientIP" && spec.sessionAffinityConfig === undefined;
  return {
    ...spec,
    ...(ports === undefined ? {} : { ports }),
    ...(isSticky ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } } : {}),
    ...(spec.type === "ExternalName" ? {} : routed(spec)),
  };
}

function routed(spec: Spec): Spec {
  const clusterIP = spec.clusterIP ?? spec.clusterIPs?.[0];
  return {
    ...(clusterIP === undefined || clusterIP === "" ? {} : { clusterIP, clusterIPs: spec.clusterIPs ?? [clusterIP] }),
    internalTrafficPolicy: spec.internalTrafficPolicy ?? "Cluster",
    ipFamilies: spec.ipFamilies ?? ["IPv4"],
    ipFamilyPolicy: spec.ipFamilyPolicy ?? "SingleStack",
    ...(isExternal(spec) ? { externalTrafficPolicy: spec.externalTrafficPolicy ?? "Cluster" } : {}),
    ...(spec.type === "LoadBalancer"
      ? { allocateLoadBalancerNodePorts: spec.allocateLoadBalancerNodePorts ?? true }
      : {}),
  };
}
