import type { KubeObject } from "#machinery";
import { ageOf } from "./duration.ts";
import { type KindColumns, table } from "./kind-columns.ts";
import { at, labelsText, listAt, orNone, selectorText, textAt } from "./reading.ts";

const age = (object: KubeObject, nowMs: number): string => ageOf(object.metadata.creationTimestamp, nowMs);

const ingressAddresses = (object: KubeObject): readonly string[] =>
  listAt(object, "status", "loadBalancer", "ingress").map((one) => textAt(one, "ip") || textAt(one, "hostname"));

function externalAddress(service: KubeObject): string {
  const external = listAt(service, "spec", "externalIPs").map(String);
  switch (textAt(service, "spec", "type")) {
    case "ExternalName":
      return textAt(service, "spec", "externalName");
    case "LoadBalancer": {
      const addresses = [...ingressAddresses(service), ...external];
      return addresses.length > 0 ? addresses.join(",") : "<pending>";
    }
    default:
      return orNone(external.join(","));
  }
}

function servicePort(port: unknown): string {
  const node = textAt(port, "nodePort");
  const protocol = textAt(port, "protocol") || "TCP";
  return `${textAt(port, "port")}${node === "" || node === "0" ? "" : `:${node}`}/${protocol}`;
}

const shownEndpoints = 3;

/** `10.0.0.1:80,10.0.0.2:80 + 4 more...` */
function endpointsText(object: KubeObject): string {
  const addresses = listAt(object, "subsets").flatMap((subset) => {
    const ports = listAt(subset, "ports");
    const ips = listAt(subset, "addresses").map((address) => textAt(address, "ip"));
    if (ports.length === 0) return ips;
    return ports.flatMap((port) => ips.map((ip) => `${ip}:${textAt(port, "port")}`));
  });
  const more = addresses.length - shownEndpoints;
  return orNone(addresses.slice(0, shownEndpoints).join(",") + (more > 0 ? ` + ${more} more...` : ""));
}

function slicePorts(object: KubeObject): string {
  const ports = listAt(object, "ports");
  if (ports.length === 0) return "<unset>";
  return ports.map((port) => textAt(port, "port") || "*").join(",");
}

function sliceEndpoints(object: KubeObject): string {
  const addresses = listAt(object, "endpoints").flatMap((endpoint) => listAt(endpoint, "addresses").map(String));
  if (addresses.length === 0) return "<unset>";
  const more = addresses.length - shownEndpoints;
  return addresses.slice(0, shownEndpoints).join(",") + (more > 0 ? ` + ${more} more...` : "");
}

function ingressHosts(object: KubeObject): string {
  const hosts = listAt(object, "spec", "rules").map((rule) => textAt(rule, "host") || "*");
  return hosts.length === 0 ? "*" : hosts.join(",");
}

function parametersText(object: KubeObject): string {
  const parameters = at(object, "spec", "parameters");
  if (parameters === undefined) return "<none>";
  const group = textAt(parameters, "apiGroup");
  return `${textAt(parameters, "kind")}${group === "" ? "" : `.${group}`}/${textAt(parameters, "name")}`;
}

export const networkColumns: Readonly<Record<string, KindColumns>> = {
  "/services": table("Type|Cluster-IP|External-IP|Port(s)|Age|[Selector]", (object, nowMs) => [
    textAt(object, "spec", "type") || "ClusterIP",
    orNone(textAt(object, "spec", "clusterIP")),
    externalAddress(object),
    orNone(listAt(object, "spec", "ports").map(servicePort).join(",")),
    age(object, nowMs),
    labelsText(at(object, "spec", "selector")),
  ]),
  "/endpoints": table("Endpoints|Age", (object, nowMs) => [endpointsText(object), age(object, nowMs)]),
  "discovery.k8s.io/endpointslices": table("AddressType|Ports|Endpoints|Age", (object, nowMs) => [
    textAt(object, "addressType"),
    slicePorts(object),
    sliceEndpoints(object),
    age(object, nowMs),
  ]),
  "networking.k8s.io/ingresses": table("Class|Hosts|Address|Ports|Age", (object, nowMs) => [
    orNone(textAt(object, "spec", "ingressClassName")),
    ingressHosts(object),
    ingressAddresses(object).join(","),
    listAt(object, "spec", "tls").length > 0 ? "80, 443" : "80",
    age(object, nowMs),
  ]),
  "networking.k8s.io/ingressclasses": table("Controller|Parameters|Age", (object, nowMs) => [
    textAt(object, "spec", "controller"),
    parametersText(object),
    age(object, nowMs),
  ]),
  "networking.k8s.io/networkpolicies": table("Pod-Selector|Age", (object, nowMs) => [
    selectorText(at(object, "spec", "podSelector")),
    age(object, nowMs),
  ]),
  "networking.k8s.io/servicecidrs": table("CIDRs|Age", (object, nowMs) => [
    listAt(object, "spec", "cidrs").join(","),
    age(object, nowMs),
  ]),
  "networking.k8s.io/ipaddresses": table("ParentRef|Age", (object, nowMs) => {
    const parent = at(object, "spec", "parentRef");
    const parts = ["group", "resource", "namespace", "name"].map((field) => textAt(parent, field));
    const [group, resource, ...rest] = parts;
    const what = group === "" ? resource : `${resource}.${group}`;
    return [[what, ...rest].filter((part) => part !== "").join("/"), age(object, nowMs)];
  }),
};
