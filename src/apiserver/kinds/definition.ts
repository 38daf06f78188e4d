import type { KubeObject, StatusCause } from "#machinery";

/** A column of a server-side table. `priority` 0 is always shown, above only with `-o wide`. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

/** How strategic merge patch treats the list or map at a place of a schema. */
interface MergeHint {
  /** Lists: elements are matched by this key; absent with strategy `merge` means a set of scalars. */
  readonly mergeKey?: string;
  readonly strategies: readonly ("merge" | "replace" | "retainKeys")[];
}

/** One node of a kind's type, built-in or custom, as far as decoding, patching and explaining need it. */
export interface SchemaNode {
  readonly type:
    | "object"
    | "map"
    | "list"
    | "string"
    | "integer"
    | "number"
    | "boolean"
    | "any"
    | "quantity"
    | "int-or-string"
    | "time"
    | "bytes";
  /** Of an object: its known fields. Resolved lazily, so that types may refer to themselves. */
  field?(name: string): SchemaNode | undefined;
  fieldNames?(): readonly string[];
  /** Of a map or list: its values. */
  readonly values?: SchemaNode;
  readonly required?: readonly string[];
  readonly merge?: MergeHint;
  /** What server-side apply must know of a list, or of an object or map that is owned whole. Absent: lists atomic, the rest granular. */
  readonly topology?: Topology | undefined;
  /** `int32`, `int64`, `double`, `date-time`, `micro` (a time with microseconds), `byte`. */
  readonly format?: string;
  readonly enumeration?: readonly string[];
  readonly description?: string;
  /** Of a built-in object: its name in OpenAPI documents, `io.k8s.api.core.v1.Container`. */
  readonly typeName?: string;
  /** The field's protobuf number in its parent; 0 or absent where unknown. */
  readonly protobufNumber?: number;
  /** Numbers of the messages in which protobuf keeps the field, though JSON has it right in its parent. */
  readonly protobufWithin?: readonly number[];
  /** Of a scalar: Go tells unset from empty, so an empty value is kept. */
  readonly nullable?: boolean;
  /** Go writes the field even when it is empty. */
  readonly always?: boolean;
  readonly defaultValue?: unknown;
}

export type Topology =
  | { readonly kind: "atomic" }
  | { readonly kind: "set" }
  | { readonly kind: "map"; readonly keys: readonly string[] };

export interface DecodeProblem {
  /** `spec.replicaz`, as Kubernetes names it in its messages. */
  readonly field: string;
  readonly kind: "unknown" | "duplicate" | "type";
  readonly message: string;
}

/** What the registry needs to know of a kind's fields. */
export interface KindSchema {
  readonly root: SchemaNode;
  /** Fields the kind does not know, and values of the wrong type. */
  check(object: KubeObject): readonly DecodeProblem[];
  /** The object without unknown fields. Returns the same object where there are none. */
  prune(object: KubeObject): KubeObject;
  /** The object with the kind's own defaults; the same object where nothing is missing. */
  applyDefaults(object: KubeObject): KubeObject;
  /** Violations, as Kubernetes words them. `old` is there on an update. */
  validate(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[];
}

/** Everything the server knows of one resource in one version. Built-in kinds are generated, CRDs make the same at run time. */
export interface ResourceDefinition {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  /** `custom` behaves as custom resources do, in the many small ways in which they differ; so do Karmada's and our groups. */
  readonly origin: "builtin" | "custom";
  /** Versions of one resource share one storage: keys are `/registry/<group>/<resource>/[namespace/]name`, values are of this version. */
  readonly storage: { readonly group: string; readonly resource: string; readonly version: string };
  /** Into another version of the same storage; undefined where all versions have the same fields. */
  convert?(object: KubeObject, toApiVersion: string): KubeObject;
  readonly subresources: {
    readonly status: boolean;
    readonly scale?: ScalePaths;
    /** Further ones that discovery lists: `pods/log`, `serviceaccounts/token`. */
    readonly others?: readonly OtherSubresource[];
  };
  readonly schema: KindSchema;
  readonly columns: readonly ColumnDefinition[];
  /** The cells of one row, in the order of `columns`. */
  cells(object: KubeObject, nowMs: number): readonly unknown[];
  /** Field selectors beyond metadata.name and metadata.namespace: field label to its value. */
  readonly selectableFields: Readonly<Record<string, (object: KubeObject) => string>>;
  /** PUT to an absent object creates it. */
  readonly createOnUpdate: boolean;
  /** PUT without a resourceVersion overwrites. */
  readonly unconditionalUpdate: boolean;
  /** Whether `metadata.generation` is kept at all, and whether a change of annotations moves it (Deployments). */
  readonly generation: "none" | "spec" | "specAndAnnotations";
  /** DELETE answers with the object instead of a Status. */
  readonly deleteReturnsObject: boolean;
  /** Only ever created, never stored: reviews and bindings. The registry answers them by other means or not at all. */
  readonly virtual?: boolean;
  /** Of a custom kind whose versions have different fields: the schema of the stored one, applied to what is read. */
  readonly storedSchema?: KindSchema;
  /** What a first DELETE makes of the object before it is marked, as finalizers that hold it. Its generation then stays. */
  beforeDelete?(object: KubeObject, nowIso: string): KubeObject;
  /** Told to whoever uses this version. */
  readonly deprecation?: string;
  /** Which names are valid; a DNS-1123 subdomain where absent. */
  readonly nameRule?: "subdomain" | "label" | "label1035" | "path";
  /** Of a custom kind: its schema as OpenAPI v3 has it, root included. Built-in kinds are described by their nodes. */
  readonly openApiSchema?: Readonly<Record<string, unknown>>;
}

export interface OtherSubresource {
  readonly name: string;
  readonly verbs: readonly string[];
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
}

/** JSON paths of the scale subresource. */
export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

/** All resources served now. Changes when CRDs come and go; `onChange` fires after the change. */
export interface ResourceCatalogue {
  find(group: string, version: string, resource: string): ResourceDefinition | undefined;
  all(): readonly ResourceDefinition[];
  /** Served versions of a group, preferred first. */
  versions(group: string): readonly string[];
  onChange(listener: () => void): () => void;
}
