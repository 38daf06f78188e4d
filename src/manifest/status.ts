import type { ManifestStatus } from "#api/work";
import { interpreterFor } from "#interpreter";
import { gvkOf, type KubeObject } from "#machinery";

/** What a Work reports of one member object. @param resource its plural name in the member. */
export function manifestStatusOf(live: KubeObject, resource: string, ordinal: number): ManifestStatus {
  const gvk = gvkOf(live);
  const interpreter = interpreterFor(gvk);
  const status = interpreter.reflectStatus(live);
  const { namespace, name = "" } = live.metadata;
  return {
    identifier: {
      ordinal,
      ...(gvk.group === "" ? {} : { group: gvk.group }),
      version: gvk.version,
      kind: gvk.kind,
      resource,
      ...(namespace === undefined ? {} : { namespace }),
      name,
    },
    ...(status === undefined ? {} : { status }),
    health: interpreter.healthOf(live),
  };
}
