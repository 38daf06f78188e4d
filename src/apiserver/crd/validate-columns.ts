import type { PrinterColumn } from "#api/schema";
import { duplicateValue, invalidValue, requiredValue, type StatusCause } from "#machinery";
import { jsonPath } from "../table/index.ts";
import type { CrdVersion } from "./types.ts";

const types = "boolean,date,integer,number,string";
const formats = "byte,date,date-time,double,float,int32,int64,password";

/** Violations of a version's printer columns and selectable fields. */
export function columnProblems(version: CrdVersion, path: string): readonly StatusCause[] {
  const fields = (version.selectableFields ?? []).map((field) => field.jsonPath);
  return [
    ...(version.additionalPrinterColumns ?? []).flatMap((column, index) =>
      oneColumnProblems(column, `${path}.additionalPrinterColumns[${index}]`),
    ),
    ...fields.flatMap((field, index) => {
      const at = `${path}.selectableFields[${index}].jsonPath`;
      if (fields.indexOf(field) < index) return [duplicateValue(at, field)];
      return isSelectable(version, field)
        ? []
        : [invalidValue(at, field, "is an invalid path: does not refer to a valid field")];
    }),
  ];
}

function oneColumnProblems(column: PrinterColumn, path: string): readonly StatusCause[] {
  const { name = "", type = "", format = "", jsonPath: found = "" } = column as Partial<PrinterColumn>;
  const causes: StatusCause[] = [];
  if (found === "") causes.push(requiredValue(`${path}.JSONPath`));
  else if (!found.startsWith(".") || !isJsonPath(found))
    causes.push(invalidValue(`${path}.JSONPath`, found, "must be a simple json path starting with ."));
  if (type === "") causes.push(requiredValue(`${path}.type`, `must be one of ${types}`));
  else if (!types.split(",").includes(type)) causes.push(invalidValue(`${path}.type`, type, `must be one of ${types}`));
  if (format !== "" && !formats.split(",").includes(format))
    causes.push(invalidValue(`${path}.format`, format, `must be one of ${formats}`));
  if (name === "") causes.push(requiredValue(`${path}.name`));
  return causes;
}

function isJsonPath(text: string): boolean {
  try {
    jsonPath(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** A path of plain names to a scalar that the schema knows, outside metadata. */
function isSelectable(version: CrdVersion, path: string): boolean {
  const names = path.split(".").slice(1);
  if (!path.startsWith(".") || names[0] === "metadata") return false;
  let at = version.schema?.openAPIV3Schema;
  for (const name of names) at = at?.properties?.[name];
  return at !== undefined && ["string", "integer", "boolean"].includes(at.type ?? "");
}
