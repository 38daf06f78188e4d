import equal from "fast-deep-equal";
import { isBookkeepingKey, label } from "#api";
import type { KubeObject } from "#machinery";

/** Who changed a template: nobody (status and the like), the control plane (its own keys), or a person. */
export type Change = "none" | "bookkeeping" | "user";

const ignoredMetadata: ReadonlySet<string> = new Set(["managedFields", "resourceVersion", "generation"]);

/** `migration.md` 6.5: what activates a Lazy policy is a change outside status and outside the control plane's own keys. */
export function changeOf(old: KubeObject, now: KubeObject): Change {
  if (
    !equal(
      stated(old, () => true),
      stated(now, () => true),
    )
  ) {
    return equal(stated(old, isUserKey), stated(now, isUserKey)) ? "bookkeeping" : "user";
  }
  return "none";
}

const isUserKey = (key: string): boolean => !isBookkeepingKey(key) || key === label.skipAutoPropagation;

function stated(object: KubeObject, keep: (key: string) => boolean): object {
  const { status: _status, metadata, ...rest } = object;
  const fields = Object.entries(metadata).filter(([field]) => !ignoredMetadata.has(field));
  const texts = (map: Readonly<Record<string, string>> = {}): object =>
    Object.fromEntries(Object.entries(map).filter(([key]) => keep(key)));
  return {
    ...rest,
    metadata: {
      ...Object.fromEntries(fields),
      labels: texts(metadata.labels),
      annotations: texts(metadata.annotations),
    },
  };
}
