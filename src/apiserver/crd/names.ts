import { type Condition, setCondition } from "#machinery";
import type { CrdNames, CrdStatus, CustomResourceDefinition } from "./types.ts";

export const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

interface NameCheck {
  readonly accepted: Partial<CrdNames>;
  readonly conflict: { readonly reason: string; readonly message: string } | undefined;
}

/**
 * The status a definition should have beside the others: which of its names are its own, and whether it is served. Names go
 * to who had them first; an established definition stays established whatever happens to its names.
 */
export function statusFor(
  crd: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  nowIso: string,
): CrdStatus {
  const { accepted, conflict } = checkNames(crd, others);
  let conditions = setCondition(
    crd.status?.conditions ?? undefined,
    conflict === undefined
      ? { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" }
      : { type: "NamesAccepted", status: "False", ...conflict },
    nowIso,
  );
  if (!isEstablished(crd)) conditions = setCondition(conditions, establishedFor(conflict === undefined), nowIso);
  return { ...crd.status, acceptedNames: accepted, conditions };
}

const establishedFor = (accepted: boolean): Omit<Condition, "lastTransitionTime"> =>
  accepted
    ? {
        type: "Established",
        status: "True",
        reason: "InitialNamesAccepted",
        message: "the initial names have been accepted",
      }
    : { type: "Established", status: "False", reason: "NotAccepted", message: "not all names are accepted" };

/** A definition that is deleted stays until its objects are gone. */
export function heldForCleanup(crd: CustomResourceDefinition, nowIso: string): CustomResourceDefinition {
  const finalizers = crd.metadata.finalizers ?? [];
  const pending = {
    type: "Terminating",
    status: "True",
    reason: "InstanceDeletionPending",
    message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
  } as const;
  return {
    ...crd,
    metadata: { ...crd.metadata, finalizers: [...new Set([...finalizers, cleanupFinalizer])] },
    status: { ...crd.status, conditions: setCondition(crd.status?.conditions ?? undefined, pending, nowIso) },
  };
}

export const isEstablished = (crd: CustomResourceDefinition): boolean =>
  (crd.status?.conditions ?? []).some(({ type, status }) => type === "Established" && status === "True");

function checkNames(crd: CustomResourceDefinition, others: readonly CustomResourceDefinition[]): NameCheck {
  const { names, group } = crd.spec;
  const rivals = others
    .filter((other) => other.spec.group === group && other.metadata.name !== crd.metadata.name)
    .map((other) => other.status?.acceptedNames ?? {});
  const resources = new Set(rivals.flatMap((rival) => [rival.plural, rival.singular, ...(rival.shortNames ?? [])]));
  const kinds = new Set(rivals.flatMap((rival) => [rival.kind, rival.listKind]));
  const before = crd.status?.acceptedNames ?? {};
  const conflicts: { reason: string; message: string }[] = [];
  const refused = (name: string | undefined, taken: ReadonlySet<string | undefined>, reason: string): boolean => {
    if (name === undefined || name === "" || !taken.has(name)) return false;
    conflicts.push({ reason, message: `${JSON.stringify(name)} is already in use` });
    return true;
  };
  const short = names.shortNames?.find((name) => resources.has(name));
  const accepted = {
    plural: refused(names.plural, resources, "PluralConflict") ? (before.plural ?? "") : names.plural,
    singular: refused(names.singular, resources, "SingularConflict") ? before.singular : names.singular,
    shortNames: refused(short, resources, "ShortNamesConflict") ? before.shortNames : names.shortNames,
    kind: refused(names.kind, kinds, "KindConflict") ? (before.kind ?? "") : names.kind,
    listKind: refused(names.listKind, kinds, "ListKindConflict") ? before.listKind : names.listKind,
    categories: names.categories,
  };
  return { accepted: withoutUndefined(accepted), conflict: conflicts.at(-1) };
}

const withoutUndefined = (names: Readonly<Record<string, unknown>>): Partial<CrdNames> =>
  Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined));
