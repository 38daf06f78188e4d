import generated from "./generated/kinds.json" with { type: "json" };

/**
 * The generated facts. A type is a map of fields; a field is
 * `TYPE NUMBER [?] [!] [*] [e=within] [p=strategies:key] [l=list:keys] [d=default]`: `?` optional, `!` written even when empty,
 * `*` a scalar whose empty value says something, `e=2` a field that is in its parent's protobuf field 2. Types are letters (s string, b boolean, i int32, l int64, f number, y bytes, t time,
 * u time with microseconds, d duration, q quantity, x int-or-string, o any object, v field sets, a anything), `s=A,B` an enumeration, `[]T`,
 * `{}T`, or another type's name. The field named "" tells that the object is owned whole,
 * unless the field that holds it says `l=granular`.
 */
export interface KindTable {
  readonly resources: readonly ResourceFacts[];
  readonly types: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface ResourceFacts {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: string;
  readonly type: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** `status get,patch,update` or, where the kind is another one, `scale get,patch,update autoscaling/v1/Scale`. */
  readonly subresources?: readonly string[];
}

export const kindTable = generated as unknown as KindTable;

/** `core/v1.Container` as OpenAPI documents name it. */
export function openApiName(typeName: string): string {
  const [folder = "", rest = ""] = typeName.split("/");
  const homes: Readonly<Record<string, string>> = {
    meta: "io.k8s.apimachinery.pkg.apis.meta",
    apiextensions: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
    apiregistration: "io.k8s.kube-aggregator.pkg.apis.apiregistration",
  };
  return `${homes[folder] ?? `io.k8s.api.${folder}`}.${rest}`;
}
