import { annotation } from "#api";
import type { KubeObject } from "#machinery";

/**
 * The manifest with the lists of its own label and annotation keys: what tells a later sync which of a member object's
 * keys were propagated, and are therefore to be removed when the manifest loses them.
 */
export function stampManagedKeys(manifest: KubeObject): KubeObject {
  const { labels = {}, annotations = {} } = manifest.metadata;
  const annotationKeys = new Set([
    ...Object.keys(annotations),
    annotation.managedLabels,
    annotation.managedAnnotations,
  ]);
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      annotations: {
        ...annotations,
        [annotation.managedAnnotations]: sortedList(annotationKeys),
        [annotation.managedLabels]: sortedList(Object.keys(labels)),
      },
    },
  };
}

const sortedList = (keys: Iterable<string>): string => [...keys].sort().join(",");
