import { label } from "#api";
import { type Cluster, clusterProblems, withClusterDefaults } from "#api/cluster";
import {
  type ClusterTaintPolicy,
  type FederatedResourceQuota,
  type OverridePolicy,
  overridePolicyProblems,
  type PropagationPolicy,
  propagationPolicyProblems,
  quotaProblems,
  taintPolicyProblems,
  withNamespace,
  withPolicyDefaults,
  withPolicyIdentity,
} from "#api/policy";
import { apiResources } from "#api/resources";
import type { ApiResource } from "#api/schema";
import { bindingProblems, type Work, withBindingId, withWorkMarks } from "#api/work";
import type { Clock } from "#base";
import { forbidden, invalid, type KubeObject, type StatusCause } from "#machinery";
import type { AdmissionPlugin, AdmissionRequest } from "../contract.ts";
import type { KindSchema } from "../kinds/definition.ts";
import { kindSchemaFor } from "../schema/index.ts";

export interface KarmadaAdmissionDeps {
  readonly newUuid: () => string;
  readonly clock: Pick<Clock, "now">;
}

interface Rule {
  /** Fills in; only on create and update of the object itself. */
  readonly admit?: (request: WriteRequest, deps: KarmadaAdmissionDeps) => KubeObject;
  readonly problems?: (object: KubeObject, old: KubeObject | undefined) => readonly StatusCause[];
}

/** A create or update: there is an object. */
type WriteRequest = AdmissionRequest & { readonly object: KubeObject };

/** What Karmada's webhooks and its aggregated server do, without a webhook: filling in, and refusing with their words. */
export function karmadaAdmission(deps: KarmadaAdmissionDeps): readonly AdmissionPlugin[] {
  return [defaultingAndValidation(deps), deletionProtection];
}

/** An object that its schema refuses is let through: the registry refuses it, naming every field. */
function defaultingAndValidation(deps: KarmadaAdmissionDeps): AdmissionPlugin {
  const schemas = new Map(apiResources.map((resource) => [nameOf(resource), schemaOf(resource)]));
  const isWellFormed = (request: WriteRequest): boolean =>
    schemas.get(`${request.resource}.${request.group}`)?.validate(request.object, undefined).length === 0;
  return {
    name: "Karmada",
    admit: (request) => {
      const admit = isWrite(request) ? ruleFor(request)?.admit : undefined;
      return isWrite(request) && admit !== undefined && isWellFormed(request) ? admit(request, deps) : undefined;
    },
    validate: (request) => {
      const problemsOf = isWrite(request) ? ruleFor(request)?.problems : undefined;
      if (!isWrite(request) || problemsOf === undefined || !isWellFormed(request)) return;
      const problems = problemsOf(request.object, request.old);
      if (problems.length > 0)
        throw invalid({ group: request.group, kind: request.object.kind }, request.name, problems);
    },
  };
}

const nameOf = (resource: ApiResource): string => `${resource.plural}.${resource.group}`;
const schemaOf = (resource: ApiResource): KindSchema => kindSchemaFor(resource.versions[0]?.schema ?? {});

const isWrite = (request: AdmissionRequest): request is WriteRequest =>
  request.object !== undefined && request.operation !== "DELETE" && request.subresource === "";

function ruleFor(request: AdmissionRequest): Rule | undefined {
  return request.group.endsWith(".karmada.io") ? rules[`${request.resource}.${request.group}`] : undefined;
}

const propagation: Rule = {
  admit: ({ object, operation }, { newUuid }) => {
    const complete = withPolicyDefaults(object as PropagationPolicy);
    return operation === "CREATE" ? withPolicyIdentity(complete, newUuid()) : complete;
  },
  problems: (object, old) =>
    propagationPolicyProblems(object as PropagationPolicy, old as PropagationPolicy | undefined),
};

const override: Rule = {
  admit: ({ object }) => withSelectorNamespaces(object as OverridePolicy),
  problems: (object) => overridePolicyProblems(object as OverridePolicy),
};

function withSelectorNamespaces(policy: OverridePolicy): OverridePolicy {
  const resourceSelectors = withNamespace(policy, policy.spec.resourceSelectors);
  return resourceSelectors === policy.spec.resourceSelectors
    ? policy
    : { ...policy, spec: { ...policy.spec, ...(resourceSelectors && { resourceSelectors }) } };
}

const bindingId: Rule["admit"] = ({ object, operation }, { newUuid }) =>
  operation === "CREATE" ? withBindingId(object, newUuid) : object;

const rules: Readonly<Record<string, Rule>> = {
  "propagationpolicies.policy.karmada.io": propagation,
  "clusterpropagationpolicies.policy.karmada.io": propagation,
  "overridepolicies.policy.karmada.io": override,
  "clusteroverridepolicies.policy.karmada.io": override,
  "federatedresourcequotas.policy.karmada.io": {
    problems: (object) => quotaProblems(object as FederatedResourceQuota),
  },
  "clustertaintpolicies.policy.karmada.io": { problems: (object) => taintPolicyProblems(object as ClusterTaintPolicy) },
  "works.work.karmada.io": { admit: ({ object }, { newUuid }) => withWorkMarks(object as Work, newUuid) },
  "resourcebindings.work.karmada.io": { admit: bindingId, problems: bindingProblems },
  "clusterresourcebindings.work.karmada.io": { admit: bindingId },
  "clusters.cluster.karmada.io": {
    admit: ({ object, operation }, { clock }) =>
      withClusterDefaults(object as Cluster, isoTime(clock.now()), operation === "CREATE"),
    problems: (object) => clusterProblems(object as Cluster),
  },
};

const isoTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/** Any object of the hub can be protected from deletion by a label. */
const deletionProtection: AdmissionPlugin = {
  name: "KarmadaDeletionProtection",
  validate: ({ operation, subresource, group, resource, name, old, object }) => {
    if (operation !== "DELETE" || subresource !== "") return;
    if ((old ?? object)?.metadata.labels?.[label.deletionProtected] !== "Always") return;
    const why = `This resource is protected, please make sure to remove the label: ${label.deletionProtected}`;
    throw forbidden({ group, resource }, name, why);
  },
};
