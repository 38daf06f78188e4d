import { podTemplatePathOf } from "#interpreter";
import { type GroupVersionKind, groupVersionText } from "#machinery";

type Keys = readonly string[];

/** Keyed lists below the `spec` of a Pod; containers of all kinds share their inner lists. */
const inPodSpec: Readonly<Record<string, Keys>> = {
  volumes: ["name"],
  imagePullSecrets: ["name"],
  hostAliases: ["ip"],
  topologySpreadConstraints: ["topologyKey", "whenUnsatisfiable"],
  schedulingGates: ["name"],
  resourceClaims: ["name"],
  tolerations: ["key", "operator", "value", "effect"],
  containers: ["name"],
  initContainers: ["name"],
  ephemeralContainers: ["name"],
};

const inContainer: Readonly<Record<string, Keys>> = {
  env: ["name"],
  ports: ["containerPort", "protocol"],
  volumeMounts: ["mountPath"],
  volumeDevices: ["devicePath"],
};

/** Keyed lists of other kinds, by `group/version/Kind` and path. */
const elsewhere: Readonly<Record<string, Keys>> = {
  "v1/Service spec.ports": ["port", "protocol"],
  "v1/ServiceAccount secrets": ["name"],
  "v1/ServiceAccount imagePullSecrets": ["name"],
  "apiextensions.k8s.io/v1/CustomResourceDefinition spec.versions": ["name"],
  "admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration webhooks": ["name"],
  "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration webhooks": ["name"],
};

/** Merge keys of the list at a path without indices; undefined where the list is replaced as a whole. */
export function listKeys(gvk: GroupVersionKind, path: string): Keys | undefined {
  const template = podTemplatePathOf(gvk);
  const podSpec = template === undefined ? undefined : `${[...template, "spec"].join(".")}.`;
  if (podSpec === undefined || !path.startsWith(podSpec)) {
    return elsewhere[`${groupVersionText(gvk)}/${gvk.kind} ${path}`];
  }
  const [list = "", inner, ...deeper] = path.slice(podSpec.length).split(".");
  if (inner === undefined) return inPodSpec[list];
  if (deeper.length > 0 || !/^(init|ephemeral)?containers$/i.test(list)) return undefined;
  return inContainer[inner];
}

/** Order within these keyed lists has a meaning: init containers run one after the other. */
export const isOrdered = (path: string): boolean => path.endsWith(".initContainers");

/** The order of a list that its API server does not keep: an autoscaler's metrics are stored by type. */
export const isUnordered = (gvk: GroupVersionKind, path: string): boolean =>
  gvk.kind === "HorizontalPodAutoscaler" && path === "spec.metrics";
