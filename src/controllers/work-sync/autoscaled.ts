import type { ApiResource } from "#client";
import type { Informer } from "#informer";
import { type KubeObject, textAt } from "#machinery";
import type { Member } from "#member";

/** Index of autoscalers by what they scale. */
const scaledIndex = "scaled";

const scaledKey = (kind: string, namespace: string | undefined, name: string): string => `${kind}|${namespace}/${name}`;

function scaledValues(autoscaler: KubeObject): readonly string[] {
  const kind = textAt(autoscaler, ["spec", "scaleTargetRef", "kind"]);
  const name = textAt(autoscaler, ["spec", "scaleTargetRef", "name"]);
  return kind === undefined || name === undefined ? [] : [scaledKey(kind, autoscaler.metadata.namespace, name)];
}

const isAutoscaler = (resource: ApiResource): boolean =>
  resource.group === "autoscaling" && resource.kind === "HorizontalPodAutoscaler";

/** Follows a member's autoscalers, whatever version it serves them in; undefined where it serves none. */
export function followAutoscalers(member: Member): Informer | undefined {
  const resource = member.catalogue?.resources.find(isAutoscaler);
  if (resource === undefined) return undefined;
  const informer = member.informers.informerFor(resource);
  informer.addIndex(scaledIndex, scaledValues);
  return informer;
}

/** Whether an autoscaler of the member sets this object's replicas. */
export const isScaledBy = (autoscalers: Informer, { kind, metadata }: KubeObject): boolean =>
  autoscalers.byIndex(scaledIndex, scaledKey(kind, metadata.namespace, metadata.name ?? "")).length > 0;
