import { CliError } from "../failure.ts";
import type { ConnectionFlags } from "../hub.ts";
import type { RowOptions } from "./rows.ts";

export interface GetFlags extends ConnectionFlags {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly operationScope?: string;
  readonly clusters?: readonly string[];
  readonly labels?: string;
  readonly ignoreNotFound?: boolean;
  readonly watch?: boolean;
  readonly watchOnly?: boolean;
  readonly outputWatchEvents?: boolean;
  readonly output?: string;
  /** commander's `--no-headers`: false when given. */
  readonly headers?: boolean;
  readonly showLabels?: boolean;
  readonly showKind?: boolean;
  readonly labelColumns?: readonly string[];
  readonly sortBy?: string;
  readonly showManagedFields?: boolean;
}

export type Output =
  | { readonly kind: "table"; readonly wide: boolean }
  | { readonly kind: "json" | "yaml" | "name" }
  | { readonly kind: "jsonpath" | "custom-columns"; readonly template: string };

export type Scope = "karmada" | "members" | "all";

/** @throws CliError in karmadactl's words for a word that is no scope. */
export function parseScope(word: string | undefined): Scope {
  const scope = word ?? "karmada";
  if (scope === "karmada" || scope === "members" || scope === "all") return scope;
  throw new CliError(`not support OperationScope: ${scope}`, { hint: "use karmada, members or all" });
}

/** @throws CliError naming a format that is not there. */
export function parseOutput(text: string | undefined): Output {
  if (text === undefined || text === "" || text === "wide") return { kind: "table", wide: text === "wide" };
  if (text === "json" || text === "yaml" || text === "name") return { kind: text };
  const template = /^(jsonpath|custom-columns)=(.+)$/s.exec(text);
  if (template !== null) return { kind: template[1] as "jsonpath" | "custom-columns", template: template[2] ?? "" };
  throw new CliError(`unable to match a printer suitable for the output format ${JSON.stringify(text)}`, {
    hint: "use json, yaml, name, wide, jsonpath=TEMPLATE or custom-columns=HEADER:PATH,...",
  });
}

/** @throws CliError for flags that exclude each other. */
export function checkGetFlags(flags: GetFlags, output: Output): void {
  const watching = flags.watch === true || flags.watchOnly === true;
  if (flags.outputWatchEvents === true && !watching)
    throw new CliError("--output-watch-events option can only be used with --watch or --watch-only");
  if (flags.showLabels === true && output.kind !== "table")
    throw new CliError(`--show-labels option cannot be used with ${output.kind} printer`);
  if (watching && output.kind !== "table" && output.kind !== "name" && output.kind !== "json" && output.kind !== "yaml")
    throw new CliError(`--watch cannot be used with ${output.kind} printer`);
}

export const rowOptions = (flags: GetFlags, wide: boolean): RowOptions => ({
  wide,
  allNamespaces: flags.allNamespaces === true,
  showLabels: flags.showLabels === true,
  labelColumns: flags.labelColumns ?? [],
});
