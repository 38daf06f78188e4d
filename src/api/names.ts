const alphabet = "bcdfghjklmnpqrstvwxz2456789";

/** 32-bit FNV-1a over UTF-8, in decimal, each digit as a letter: the suffix of Karmada's generated names. */
export function hashSuffix(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return [...hash.toString(10)].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join("");
}

const plain = (name: string): string => name.toLowerCase().replaceAll(":", ".");

/** Name of the binding of a template: `nginx-deployment`. */
export function bindingNameFor(template: { readonly kind: string; readonly name: string }): string {
  return `${template.name.replaceAll(":", ".")}-${template.kind}`.toLowerCase();
}

/** Name of a template's Work, the same in every member: `nginx-687f7fb96f` for Deployment default/nginx. */
export function workNameFor(template: {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}): string {
  const name = plain(template.name);
  const scope = template.namespace === undefined || template.namespace === "" ? "" : `${template.namespace}-`;
  return `${name}-${hashSuffix(`${scope}${name}-${template.kind}`.toLowerCase())}`;
}

/** Name of the policy that `promote` and `apply` generate. @param gvk Go's text, `apps/v1, Kind=Deployment`. */
export function policyNameFor(template: { readonly namespace?: string; readonly name: string }, gvk: string): string {
  return `${template.name.replaceAll(":", ".")}-${hashSuffix(`${template.namespace ?? ""}${gvk}`)}`.toLowerCase();
}

/** Suffix of the depended-by label. @param binding `namespace/name`, or the name when cluster-scoped. */
export const dependedBySuffixFor = (binding: string): string => hashSuffix(binding);
