import { fieldAt, gvkOf, type KubeObject, listAt, textAt } from "#machinery";
import type { DependencyReference } from "./contract.ts";
import { podDependencies, podTemplatePathOf } from "./pod-template.ts";
import { typeOf } from "./type-of.ts";

/** Claims that a StatefulSet makes itself are no dependencies. */
function withoutOwnClaims(object: KubeObject, found: readonly DependencyReference[]): readonly DependencyReference[] {
  const own = new Set(
    listAt(object, ["spec", "volumeClaimTemplates"]).map((claim) => textAt(claim, ["metadata", "name"])),
  );
  return found.filter((one) => one.kind !== "PersistentVolumeClaim" || !own.has(one.name));
}

function tlsSecrets(ingress: KubeObject): readonly DependencyReference[] {
  const names = new Set(listAt(ingress, ["spec", "tls"]).flatMap((entry) => textAt(entry, ["secretName"]) ?? []));
  return [...names]
    .sort()
    .map((name) => ({ apiVersion: "v1", kind: "Secret", namespace: ingress.metadata.namespace, name }));
}

function importedService(object: KubeObject): readonly DependencyReference[] {
  const { namespace, name } = object.metadata;
  return [
    { apiVersion: "v1", kind: "Service", namespace, name: `derived-${name}` },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      namespace,
      labelSelector: { matchLabels: { "kubernetes.io/service-name": `derived-${name}` } },
    },
  ];
}

export function dependenciesOf(object: KubeObject): readonly DependencyReference[] {
  const type = typeOf(object);
  if (type === "networking.k8s.io/v1/Ingress") return tlsSecrets(object);
  if (type === "multicluster.x-k8s.io/v1alpha1/ServiceImport") return importedService(object);
  const path = podTemplatePathOf(gvkOf(object));
  if (path === undefined) return [];
  const found = podDependencies(fieldAt(object, [...path, "spec"]), object.metadata.namespace);
  return object.kind === "StatefulSet" ? withoutOwnClaims(object, found) : found;
}
