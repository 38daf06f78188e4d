import type { KubeObject } from "#machinery";

/** What a namespace is made with: held by the server's finalizer, labelled with its name, active. */
export function initialNamespace(object: KubeObject): KubeObject {
  const spec = (object.spec ?? {}) as { readonly finalizers?: readonly string[] };
  const finalizers = [...new Set([...(spec.finalizers ?? []), "kubernetes"])];
  return withNameLabel({ ...object, spec: { ...spec, finalizers }, status: { phase: "Active" } });
}

/** Only the finalize subresource changes the finalizers of `spec`, and changes nothing else. */
export function updatedNamespace(object: KubeObject, old: KubeObject, mayFinalize: boolean): KubeObject {
  const status = mayFinalize && object.status !== undefined ? object.status : old.status;
  return withNameLabel({ ...object, spec: mayFinalize ? object.spec : old.spec, status });
}

function withNameLabel(object: KubeObject): KubeObject {
  const { name } = object.metadata;
  if (name === undefined) return object;
  const labels = { ...object.metadata.labels, "kubernetes.io/metadata.name": name };
  return { ...object, metadata: { ...object.metadata, labels } };
}
