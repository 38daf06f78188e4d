import type { KubeObject } from "#machinery";
import type { StructuralSchema } from "./structural.ts";

/** A column as a CustomResourceDefinition names it. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
}

/** One version of one of our kinds, as a CustomResourceDefinition says it. */
export interface ApiVersionSpec {
  readonly name: string;
  readonly served?: boolean;
  readonly storage?: boolean;
  readonly schema: StructuralSchema;
  readonly columns?: readonly PrinterColumn[];
  readonly subresources?: {
    readonly status?: Readonly<Record<string, never>>;
    readonly scale?: {
      readonly specReplicasPath: string;
      readonly statusReplicasPath: string;
      readonly labelSelectorPath?: string;
    };
  };
}

/** One kind that Karmada or Drover defines: what `crdFor` and the API server both build from. */
export interface ApiResource {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly versions: readonly ApiVersionSpec[];
}

export const ageColumn: PrinterColumn = { name: "AGE", type: "date", jsonPath: ".metadata.creationTimestamp" };
export const withStatus = { status: {} } as const;
export const karmadaCategory = ["karmada-io"] as const;

/** The CustomResourceDefinition that makes another Kubernetes API server serve the kind. */
export function crdFor(resource: ApiResource): KubeObject {
  const { group, kind, plural, shortNames, categories } = resource;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        ...(shortNames === undefined ? {} : { shortNames }),
        ...(categories === undefined ? {} : { categories }),
      },
      scope: resource.namespaced ? "Namespaced" : "Cluster",
      versions: resource.versions.map(crdVersionFor),
    },
  };
}

function crdVersionFor(version: ApiVersionSpec): Readonly<Record<string, unknown>> {
  return {
    name: version.name,
    served: version.served ?? true,
    storage: version.storage ?? true,
    schema: { openAPIV3Schema: version.schema },
    ...(version.subresources === undefined ? {} : { subresources: version.subresources }),
    ...(version.columns === undefined ? {} : { additionalPrinterColumns: version.columns }),
  };
}
