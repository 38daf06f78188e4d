import { assertNever } from "#base";
import { encodeJson, type KubeObject } from "#machinery";
import { formatColumns } from "../print/columns.ts";
import { customColumnCells, parseCustomColumns, printJsonPath } from "../print/jsonpath.ts";
import { toJsonText, toYamlText, withoutManagedFields } from "../print/text.ts";
import type { Ask, Collected } from "./collect.ts";
import type { Output } from "./options.ts";
import { qualifiedSingular } from "./resources.ts";

type Objects = readonly Collected<readonly KubeObject[]>[];
type ObjectOutput = Exclude<Output, { readonly kind: "table" }>;

/** Objects as text: per server one object, where one was asked for by name, or one List. */
export async function printObjects(found: Objects, output: ObjectOutput, ask: Ask): Promise<string> {
  switch (output.kind) {
    case "name":
      return found
        .flatMap(({ resource, result }) =>
          result.map((object) => `${qualifiedSingular(resource)}/${object.metadata.name}\n`),
        )
        .join("");
    case "custom-columns":
      return customColumns(found, output.template, ask.flags.headers !== false);
    case "jsonpath":
      return documents(found, ask)
        .map((document) => printJsonPath(output.template, document))
        .join("\n");
    case "json":
      return documents(found, ask).map(toJsonText).join("");
    case "yaml":
      return (await Promise.all(documents(found, ask).map(toYamlText))).join("---\n");
    default:
      return assertNever(output);
  }
}

function customColumns(found: Objects, template: string, headers: boolean): string {
  const columns = parseCustomColumns(template);
  const rows = found.flatMap(({ result }) => result.map((object) => customColumnCells(columns, object)));
  return formatColumns(headers ? [columns.map((column) => column.header), ...rows] : rows);
}

/** One document per server that answered. */
function documents(found: Objects, ask: Ask): readonly unknown[] {
  const single = ask.wanted.length === 1 && ask.wanted[0]?.names.length === 1;
  const sources = [...new Set(found.map(({ source }) => source))];
  return sources.flatMap((source): readonly unknown[] => {
    const items = found.filter((item) => item.source === source).flatMap(({ result }) => result);
    const shown = ask.flags.showManagedFields === true ? items : items.map(withoutManagedFields);
    if (single) return shown;
    return [{ apiVersion: "v1", items: shown, kind: "List", metadata: { resourceVersion: "" } }];
  });
}

/** One object of a watch. */
export async function printWatched(object: KubeObject, kind: "json" | "yaml"): Promise<string> {
  const shown = withoutManagedFields(object);
  return kind === "json" ? `${encodeJson(shown)}\n` : `---\n${await toYamlText(shown)}`;
}
