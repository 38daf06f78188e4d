import type { KubeObject, StatusCause } from "#machinery";
import { validateConfigMap, validateSecret } from "./validate-data.ts";
import { validateIngress, validateNetworkPolicy, validateService } from "./validate-network.ts";
import {
  validateAutoscaler,
  validateBudget,
  validateClaim,
  validateLease,
  validatePriorityClass,
  validateStorageClass,
} from "./validate-others.ts";
import { validatePodSpec } from "./validate-pod.ts";
import { validateBinding, validateRole } from "./validate-rbac.ts";
import {
  validateCronJob,
  validateDaemonSet,
  validateDeployment,
  validateJob,
  validateReplicaSet,
  validateStatefulSet,
} from "./validate-workloads.ts";

export type Validate = (object: KubeObject, old: KubeObject | undefined) => readonly StatusCause[];

const byKind: Readonly<Record<string, Validate>> = {
  "/ConfigMap": validateConfigMap,
  "/Secret": validateSecret,
  "/Service": validateService,
  "/Pod": (pod) => validatePodSpec(pod.spec, "spec"),
  "/PersistentVolumeClaim": validateClaim,
  "apps/Deployment": validateDeployment,
  "apps/ReplicaSet": validateReplicaSet,
  "apps/StatefulSet": validateStatefulSet,
  "apps/DaemonSet": validateDaemonSet,
  "batch/Job": validateJob,
  "batch/CronJob": validateCronJob,
  "autoscaling/HorizontalPodAutoscaler": validateAutoscaler,
  "coordination.k8s.io/Lease": validateLease,
  "networking.k8s.io/Ingress": validateIngress,
  "networking.k8s.io/NetworkPolicy": validateNetworkPolicy,
  "policy/PodDisruptionBudget": validateBudget,
  "rbac.authorization.k8s.io/Role": validateRole,
  "rbac.authorization.k8s.io/ClusterRole": validateRole,
  "rbac.authorization.k8s.io/RoleBinding": validateBinding,
  "rbac.authorization.k8s.io/ClusterRoleBinding": validateBinding,
  "scheduling.k8s.io/PriorityClass": validatePriorityClass,
  "storage.k8s.io/StorageClass": validateStorageClass,
};

const accept: Validate = () => [];

/**
 * The checks of a kind that its users rely on, in Kubernetes' words: what must be there, what must fit together, what must not change.
 * A member checks the rest when the manifest arrives.
 */
export const validationFor = (group: string, kind: string): Validate => byKind[`${group}/${kind}`] ?? accept;
