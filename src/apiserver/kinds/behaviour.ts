import type { KubeObject, StatusCause } from "#machinery";
import { convertEvent, convertHorizontalPodAutoscaler } from "./convert.ts";
import { defaultsFor } from "./defaults.ts";
import type { ResourceDefinition } from "./definition.ts";
import { selectableFieldsFor } from "./selectable.ts";
import type { ResourceFacts } from "./table.ts";
import { validationFor } from "./validation.ts";

/** What the server does with a kind beyond its fields. */
type Behaviour = Pick<
  ResourceDefinition,
  | "storage"
  | "selectableFields"
  | "createOnUpdate"
  | "unconditionalUpdate"
  | "generation"
  | "deleteReturnsObject"
  | "nameRule"
  | "deprecation"
  | "convert"
> & {
  applyDefaults(object: KubeObject): KubeObject;
  validate(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[];
};

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** PUT to an absent object of these creates it. */
const createdOnUpdate = words(
  "leases roles rolebindings clusterroles clusterrolebindings endpoints events services limitranges podtemplates",
);
/** PUT without a resourceVersion is refused for these. */
const conditional = words(
  `leases customresourcedefinitions apiservices poddisruptionbudgets csinodes csidrivers volumeattachments runtimeclasses
  mutatingwebhookconfigurations validatingwebhookconfigurations validatingadmissionpolicies
  validatingadmissionpolicybindings mutatingadmissionpolicies mutatingadmissionpolicybindings`,
);
const withGeneration = words(
  `replicationcontrollers replicasets daemonsets statefulsets jobs cronjobs ingresses networkpolicies poddisruptionbudgets
  mutatingwebhookconfigurations validatingwebhookconfigurations validatingadmissionpolicies
  validatingadmissionpolicybindings mutatingadmissionpolicies mutatingadmissionpolicybindings flowschemas
  prioritylevelconfigurations priorityclasses customresourcedefinitions endpointslices pods resourceslices ingressclasses`,
);
const returnedOnDelete = words(
  "serviceaccounts namespaces pods persistentvolumes persistentvolumeclaims services resourcequotas podtemplates",
);
const labelNamed = words("namespaces");
const label1035Named = words("services");
const pathNamed = words("roles rolebindings clusterroles clusterrolebindings");

const deprecations: Readonly<Record<string, string>> = {
  endpoints: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  componentstatuses: "v1 ComponentStatus is deprecated in v1.19+",
};

export function behaviourOf(facts: ResourceFacts): Behaviour {
  const { resource } = facts;
  return {
    ...storageOf(facts),
    ...selectableFieldsFor(facts.group, resource),
    createOnUpdate: createdOnUpdate.has(resource),
    unconditionalUpdate: !conditional.has(resource),
    generation: generationOf(resource),
    deleteReturnsObject: returnedOnDelete.has(resource),
    ...nameRuleOf(resource),
    ...(deprecations[resource] === undefined ? {} : { deprecation: deprecations[resource] }),
    applyDefaults: defaultsFor(facts.group, facts.kind),
    validate: validationFor(facts.group, facts.kind),
  };
}

/** Both event groups hold the same objects, and so do both versions of the autoscaler. */
function storageOf(facts: ResourceFacts): Pick<Behaviour, "storage" | "convert"> {
  const { group, resource, version } = facts;
  if (resource === "events") return { storage: { group: "", resource, version: "v1" }, convert: convertEvent };
  if (resource === "horizontalpodautoscalers") {
    return { storage: { group, resource, version: "v2" }, convert: convertHorizontalPodAutoscaler };
  }
  return { storage: { group, resource, version } };
}

function generationOf(resource: string): ResourceDefinition["generation"] {
  if (resource === "deployments") return "specAndAnnotations";
  return withGeneration.has(resource) ? "spec" : "none";
}

function nameRuleOf(resource: string): Pick<ResourceDefinition, "nameRule"> {
  if (labelNamed.has(resource)) return { nameRule: "label" };
  if (label1035Named.has(resource)) return { nameRule: "label1035" };
  return pathNamed.has(resource) ? { nameRule: "path" } : {};
}
