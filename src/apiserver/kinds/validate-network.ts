import {
  dns1035LabelProblems,
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  duplicateValue,
  forbiddenField,
  invalidValue,
  type KubeObject,
  requiredValue,
  type StatusCause,
  unsupportedValue,
} from "#machinery";
import { at, listAt, objectAt, textAt } from "../table/reading.ts";
import { isPort, portRange, protocols } from "./validate-pod.ts";
import { labelCauses, selectorCauses } from "./validate-selector.ts";

const serviceTypes = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const affinities = ["ClientIP", "None"];

export function validateService(object: KubeObject): readonly StatusCause[] {
  const type = textAt(object, "spec", "type") || "ClusterIP";
  const affinity = textAt(object, "spec", "sessionAffinity");
  return [
    ...servicePortCauses(object, type),
    ...labelCauses(objectAt(object, "spec", "selector"), "spec.selector"),
    ...(affinity === "" || affinities.includes(affinity)
      ? []
      : [unsupportedValue("spec.sessionAffinity", affinity, affinities)]),
    ...(serviceTypes.includes(type) ? [] : [unsupportedValue("spec.type", type, serviceTypes)]),
    ...(type === "ExternalName" ? externalNameCauses(textAt(object, "spec", "externalName")) : []),
  ];
}

function externalNameCauses(name: string): readonly StatusCause[] {
  if (name === "") return [requiredValue("spec.externalName")];
  const problems = dns1123SubdomainProblems(name.replace(/\.$/, ""));
  return problems.map((problem) => invalidValue("spec.externalName", name, problem));
}

function servicePortCauses(object: KubeObject, type: string): readonly StatusCause[] {
  const ports = listAt(object, "spec", "ports");
  const headless = textAt(object, "spec", "clusterIP") === "None";
  if (ports.length === 0) return headless || type === "ExternalName" ? [] : [requiredValue("spec.ports")];
  const seen = new Set<string>();
  return ports.flatMap((port, index) => {
    const field = `spec.ports[${index}]`;
    const node = at(port, "nodePort");
    const stray = type === "ClusterIP" && node !== undefined && node !== 0;
    return [
      ...portNameCauses(textAt(port, "name"), `${field}.name`, ports.length > 1, seen),
      ...servicePort(port, field),
      ...(stray ? [forbiddenField(`${field}.nodePort`, "may not be used when `type` is 'ClusterIP'")] : []),
    ];
  });
}

/** Several ports need names; names are labels and unique. */
function portNameCauses(name: string, field: string, several: boolean, seen: Set<string>): readonly StatusCause[] {
  if (name === "") return several ? [requiredValue(field)] : [];
  const problems = dns1123LabelProblems(name);
  if (problems.length > 0) return problems.map((problem) => invalidValue(field, name, problem));
  if (seen.has(name)) return [duplicateValue(field, name)];
  seen.add(name);
  return [];
}

function servicePort(port: unknown, field: string): readonly StatusCause[] {
  const number = at(port, "port") ?? 0;
  const protocol = textAt(port, "protocol");
  const target = at(port, "targetPort");
  return [
    ...(isPort(number) ? [] : [invalidValue(`${field}.port`, number, portRange)]),
    ...(protocol === "" || protocols.includes(protocol)
      ? []
      : [unsupportedValue(`${field}.protocol`, protocol, protocols)]),
    ...(typeof target === "number" && target !== 0 && !isPort(target)
      ? [invalidValue(`${field}.targetPort`, target, portRange)]
      : []),
  ];
}

export function validateIngress(object: KubeObject): readonly StatusCause[] {
  const rules = listAt(object, "spec", "rules");
  if (rules.length === 0 && at(object, "spec", "defaultBackend") === undefined) {
    return [invalidValue("spec", null, "either `defaultBackend` or `rules` must be specified")];
  }
  return rules.flatMap((rule, index) => ruleCauses(rule, `spec.rules[${index}]`));
}

function ruleCauses(rule: unknown, field: string): readonly StatusCause[] {
  const host = textAt(rule, "host");
  const problems = host === "" ? [] : dns1123SubdomainProblems(host.replace(/^\*\./, ""));
  return [
    ...problems.map((problem) => invalidValue(`${field}.host`, host, problem)),
    ...listAt(rule, "http", "paths").flatMap((path, index) => pathCauses(path, `${field}.http.paths[${index}]`)),
  ];
}

const pathTypes = ["Exact", "ImplementationSpecific", "Prefix"];

function pathCauses(path: unknown, field: string): readonly StatusCause[] {
  const type = textAt(path, "pathType");
  const text = textAt(path, "path");
  const backend = backendCauses(objectAt(path, "backend"), `${field}.backend`);
  if (type === "") return [requiredValue(`${field}.pathType`, "pathType must be specified"), ...backend];
  if (!pathTypes.includes(type)) return [unsupportedValue(`${field}.pathType`, type, pathTypes), ...backend];
  const absolute = type === "ImplementationSpecific" || text.startsWith("/");
  return [...(absolute ? [] : [invalidValue(`${field}.path`, text, "must be an absolute path")]), ...backend];
}

function backendCauses(backend: unknown, field: string): readonly StatusCause[] {
  const service = at(backend, "service");
  if (service === undefined) return [];
  const name = textAt(service, "name");
  if (name === "") return [requiredValue(`${field}.service.name`)];
  const problems = dns1035LabelProblems(name).map((problem) => invalidValue(`${field}.service.name`, name, problem));
  const port = objectAt(service, "port");
  const reached = textAt(port, "name") !== "" || at(port, "number") !== undefined;
  return [...problems, ...(reached ? [] : [requiredValue(field, "port name or number is required")])];
}

const policyTypes = ["Ingress", "Egress"];

export function validateNetworkPolicy(object: KubeObject): readonly StatusCause[] {
  const types = listAt(object, "spec", "policyTypes").map(String);
  return [
    ...selectorCauses(at(object, "spec", "podSelector"), "spec.podSelector"),
    ...types.flatMap((type, index) =>
      policyTypes.includes(type) ? [] : [unsupportedValue(`spec.policyTypes[${index}]`, type, policyTypes)],
    ),
  ];
}
