import { compareQuantities, fieldAt, type KubeObject, parseQuantity, refText } from "#machinery";
import type { GuardFinding } from "./contract.ts";
import { findingText } from "./guard.ts";
import type { Change } from "./merge.ts";
import { shownValue } from "./shown.ts";

/** Paths that an API server refuses to change; `allBut` turns it round. */
interface Rule {
  readonly below: readonly string[];
  readonly allBut?: RegExp;
}

const rules: Readonly<Record<string, Rule>> = {
  "apps/v1/Deployment": { below: ["spec.selector"] },
  "apps/v1/ReplicaSet": { below: ["spec.selector"] },
  "apps/v1/DaemonSet": { below: ["spec.selector"] },
  "apps/v1/StatefulSet": {
    below: ["spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"],
  },
  "batch/v1/Job": { below: ["spec.selector", "spec.template", "spec.completionMode", "spec.podFailurePolicy"] },
  "v1/Pod": {
    below: ["spec"],
    allBut: /^spec\.((init)?[cC]ontainers\.image|activeDeadlineSeconds|terminationGracePeriodSeconds|tolerations)$/,
  },
  "v1/PersistentVolumeClaim": { below: ["spec"], allBut: /^spec\.(resources|volumeAttributesClassName)(\.|$)/ },
  "v1/Secret": { below: ["type"] },
  "rbac.authorization.k8s.io/v1/RoleBinding": { below: ["roleRef"] },
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": { below: ["roleRef"] },
  "storage.k8s.io/v1/StorageClass": { below: ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"] },
  "scheduling.k8s.io/v1/PriorityClass": { below: ["value", "preemptionPolicy"] },
  "networking.k8s.io/v1/IngressClass": { below: ["spec.controller"] },
  "discovery.k8s.io/v1/EndpointSlice": { below: ["addressType"] },
  "node.k8s.io/v1/RuntimeClass": { below: ["handler"] },
  "apiextensions.k8s.io/v1/CustomResourceDefinition": { below: ["spec.group", "spec.scope", "spec.names.plural"] },
};

const isBelow = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}.`);

function isFixed(live: KubeObject, { place, live: present, wanted }: Change): boolean {
  const path = place.schema;
  const type = `${live.apiVersion}/${live.kind}`;
  if ((type === "v1/Secret" || type === "v1/ConfigMap") && fieldAt(live, ["immutable"]) === true) {
    return !path.startsWith("metadata");
  }
  if (type === "v1/Service") return path === "spec.clusterIP" && (present === "None" || wanted === "None");
  if (type === "v1/PersistentVolumeClaim" && path === "spec.resources.requests.storage")
    return shrinks(present, wanted);
  const rule = rules[type];
  if (rule === undefined || rule.allBut?.test(path)) return false;
  return rule.below.some((prefix) => isBelow(path, prefix));
}

/** A claim may grow and never shrink. */
function shrinks(present: unknown, wanted: unknown): boolean {
  const [before, after] = [parseQuantity(present), parseQuantity(wanted)];
  return before !== undefined && (after === undefined || compareQuantities(after, before) < 0);
}

/** The changes that the member's API server would refuse. */
export function immutableFindings(live: KubeObject, changes: readonly Change[]): readonly GuardFinding[] {
  return changes
    .filter((change) => isFixed(live, change))
    .map(({ place, live: present, wanted }) => ({
      field: place.shown,
      live: shownValue(live.kind, place, present),
      wanted: shownValue(live.kind, place, wanted),
      effect: "PodsReplaced",
    }));
}

export function immutableMessage(live: KubeObject, cluster: string, findings: readonly GuardFinding[]): string {
  const shown = findings.slice(0, 5).map(findingText).join("; ");
  return `${refText(live)} in cluster ${cluster} cannot be changed in this way, Kubernetes does not allow it: ${shown}. Set the template to what the cluster has, or delete the object in the cluster to have it created anew`;
}
