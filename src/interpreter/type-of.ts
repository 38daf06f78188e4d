import type { KubeObject } from "#machinery";

/** Older versions of a kind that have the same fields as the one the tables name. */
const sameShape: Readonly<Record<string, string>> = {
  "policy/v1beta1/PodDisruptionBudget": "policy/v1/PodDisruptionBudget",
  "batch/v1beta1/CronJob": "batch/v1/CronJob",
  "autoscaling/v1/HorizontalPodAutoscaler": "autoscaling/v2/HorizontalPodAutoscaler",
  "autoscaling/v2beta1/HorizontalPodAutoscaler": "autoscaling/v2/HorizontalPodAutoscaler",
  "autoscaling/v2beta2/HorizontalPodAutoscaler": "autoscaling/v2/HorizontalPodAutoscaler",
  "networking.k8s.io/v1beta1/Ingress": "networking.k8s.io/v1/Ingress",
  "extensions/v1beta1/Ingress": "networking.k8s.io/v1/Ingress",
};

/** `apps/v1/Deployment`: the key of this layer's tables. */
export function typeOf(object: Pick<KubeObject, "apiVersion" | "kind">): string {
  const type = `${object.apiVersion}/${object.kind}`;
  return sameShape[type] ?? type;
}
