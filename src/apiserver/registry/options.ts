import { invalid, type StatusCause } from "#machinery";

const optionsKind = (kind: string) => ({ group: "meta.k8s.io", kind });

const forbiddenCause = (field: string, why: string): StatusCause => ({
  reason: "FieldValueForbidden",
  message: `Forbidden: ${why}`,
  field,
});
const unsupportedCause = (field: string, value: string, supported: string): StatusCause => ({
  reason: "FieldValueNotSupported",
  message: `Unsupported value: ${value}: supported values: ${supported}`,
  field,
});

export const refuseOptions = (kind: string, causes: readonly StatusCause[]): void => {
  if (causes.length > 0) throw invalid(optionsKind(kind), "", causes);
};

export type FieldValidation = "Strict" | "Warn" | "Ignore";

export interface WriteQuery {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
}

/** The query of a write. `kind` is the options object that messages name. */
export function parseWriteQuery(kind: string, query: URLSearchParams): WriteQuery {
  const dryRuns = query.getAll("dryRun");
  const validation = query.get("fieldValidation") ?? "";
  refuseOptions(kind, [
    ...forceCauses(kind, query.get("force")),
    ...dryRunCauses(dryRuns),
    ...managerCauses(query.get("fieldManager") ?? ""),
    ...(["", "Strict", "Warn", "Ignore"].includes(validation)
      ? []
      : [unsupportedCause("fieldValidation", JSON.stringify(validation), `"", "Ignore", "Strict", "Warn"`)]),
  ]);
  const fieldValidation = validation === "" ? "Warn" : (validation as FieldValidation);
  return { dryRun: dryRuns.length > 0, fieldValidation };
}

function forceCauses(kind: string, force: string | null): readonly StatusCause[] {
  return kind === "PatchOptions" && force !== null
    ? [forbiddenCause("force", "may not be specified for non-apply patch")]
    : [];
}

export function dryRunCauses(values: readonly string[]): readonly StatusCause[] {
  if (values.every((value) => value === "All")) return [];
  const shown = `[${values.map((value) => JSON.stringify(value)).join(",")}]`;
  return [unsupportedCause("dryRun", shown, `"All"`)];
}

const managerLimit = 128;

function managerCauses(manager: string): readonly StatusCause[] {
  if (Buffer.byteLength(manager) > managerLimit) {
    const message = `Too long: may not be more than ${managerLimit} bytes`;
    return [{ reason: "FieldValueTooLong", message, field: "fieldManager" }];
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const at = manager.search(/[\u0000-\u001f\u007f]/);
  if (at < 0) return [];
  const code = (manager.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const shown = JSON.stringify(manager).replace("\\u0007", "\\a").replace(/\\u00/g, "\\x");
  const message = `Invalid value: ${shown}: invalid character U+${code} (at position ${at})`;
  return [{ reason: "FieldValueInvalid", message, field: "fieldManager" }];
}

/** `true` as Go's query decoder takes it: anything but `false` and `0`. */
export const isTrue = (value: string | null): boolean => value !== null && value !== "false" && value !== "0";

/** Which combinations of resourceVersionMatch and sendInitialEvents a list or watch refuses. */
export function checkListQuery(query: URLSearchParams, watching: boolean): void {
  const match = query.get("resourceVersionMatch") ?? "";
  const version = query.get("resourceVersion") ?? "";
  const initial = query.get("sendInitialEvents");
  refuseOptions("ListOptions", watching ? watchCauses(match, initial) : listCauses(query, match, version));
}

function watchCauses(match: string, initial: string | null): readonly StatusCause[] {
  if (initial === null) {
    return match === ""
      ? []
      : [
          forbiddenCause(
            "resourceVersionMatch",
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
          ),
        ];
  }
  if (match === "NotOlderThan") return [];
  const required = forbiddenCause(
    "resourceVersionMatch",
    "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
  );
  if (match === "") return [required];
  return [required, unsupportedCause("resourceVersionMatch", JSON.stringify(match), `"NotOlderThan"`)];
}

function listCauses(query: URLSearchParams, match: string, version: string): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  if (match !== "") {
    const field = "resourceVersionMatch";
    if (version === "") causes.push(forbiddenCause(field, `${field} is forbidden unless resourceVersion is provided`));
    if ((query.get("continue") ?? "") !== "")
      causes.push(forbiddenCause(field, `${field} is forbidden when continue is provided`));
    if (match !== "Exact" && match !== "NotOlderThan")
      causes.push(unsupportedCause(field, JSON.stringify(match), `"Exact", "NotOlderThan", ""`));
    if (match === "Exact" && version === "0")
      causes.push(forbiddenCause(field, `${field} "exact" is forbidden for resourceVersion "0"`));
  }
  if (query.get("sendInitialEvents") !== null)
    causes.push(forbiddenCause("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  return causes;
}
