import type { KubeObject } from "#machinery";

/** The patch bound to the object it was computed for: a changed or recreated object answers 409. */
export function withPreconditions(
  patch: Readonly<Record<string, unknown>>,
  live: KubeObject,
): Readonly<Record<string, unknown>> {
  const { resourceVersion, uid } = live.metadata;
  return { ...patch, metadata: { ...(patch.metadata as object | undefined), resourceVersion, uid } };
}
