import { assertNever, isJsonObject } from "#base";
import { encodeJson } from "#machinery";
import { CliError } from "../failure.ts";
import { type Comparison, type Part, parsePath, parseTemplate, type Step } from "./jsonpath-parse.ts";

/** The values a path selects; none where a field is missing. */
export function selectValues(steps: readonly Step[], from: unknown): readonly unknown[] {
  return steps.reduce<readonly unknown[]>((values, step) => values.flatMap((value) => follow(step, value)), [from]);
}

/**
 * Prints kubectl's JSONPath template for one object.
 *
 * A missing field prints nothing, as kubectl does by default.
 *
 * @throws CliError for a template that cannot be read.
 */
export function printJsonPath(template: string, object: unknown): string {
  return printParts(parseTemplate(template), object);
}

function printParts(parts: readonly Part[], object: unknown): string {
  return parts.map((part) => printPart(part, object)).join("");
}

function printPart(part: Part, object: unknown): string {
  switch (part.kind) {
    case "text":
      return part.text;
    case "path":
      return selectValues(part.steps, object).map(valueText).join(" ");
    case "range":
      return selectValues(part.steps, object)
        .map((item) => printParts(part.body, item))
        .join("");
    default:
      return assertNever(part);
  }
}

/** A value as it stands in a column or between text: strings bare, the rest as JSON. */
function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? "" : encodeJson(value);
}

function follow(step: Step, value: unknown): readonly unknown[] {
  switch (step.kind) {
    case "field":
      return fieldValues(step.name, value);
    case "deep":
      return deepValues(step.name, value);
    case "every":
      return childrenOf(value);
    case "index":
      return Array.isArray(value) && value.at(step.at) !== undefined ? [value.at(step.at)] : [];
    case "slice":
      return Array.isArray(value) ? value.slice(step.from, step.to) : [];
    case "filter":
      return childrenOf(value).filter((child) => passes(step, child));
    default:
      return assertNever(step);
  }
}

function fieldValues(name: string, value: unknown): readonly unknown[] {
  return isJsonObject(value) && Object.hasOwn(value, name) ? [value[name]] : [];
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function deepValues(name: string, value: unknown): readonly unknown[] {
  const children = childrenOf(value);
  const here = name === "*" ? children : fieldValues(name, value);
  return [...here, ...children.flatMap((child) => deepValues(name, child))];
}

function passes(step: { readonly left: readonly Step[]; readonly test?: Comparison }, child: unknown): boolean {
  const left = selectValues(step.left, child);
  if (step.test === undefined) return left.length > 0;
  const right = Array.isArray(step.test.right) ? selectValues(step.test.right, child)[0] : step.test.right;
  return left.length > 0 && compare(left[0], right, step.test.operator);
}

function compare(left: unknown, right: unknown, operator: Comparison["operator"]): boolean {
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  if (typeof left !== typeof right || (typeof left !== "number" && typeof left !== "string")) return false;
  const order = left === right ? 0 : (left as number) < (right as number) ? -1 : 1;
  const answers = { "<": order < 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0 };
  return answers[operator];
}

export interface CustomColumn {
  readonly header: string;
  readonly steps: readonly Step[];
}

/** `NAME:.metadata.name,IMAGES:.spec.containers[*].image` */
export function parseCustomColumns(spec: string): readonly CustomColumn[] {
  return splitOutsideBrackets(spec).map((part) => {
    const colon = part.indexOf(":");
    if (colon < 1)
      throw new CliError(`custom-columns ${JSON.stringify(part)}: expected HEADER:PATH, as in NAME:.metadata.name`);
    return { header: part.slice(0, colon), steps: parsePath(part.slice(colon + 1).replace(/^\{(.*)\}$/, "$1")) };
  });
}

export function customColumnCells(columns: readonly CustomColumn[], object: unknown): readonly string[] {
  return columns.map((column) => {
    const values = selectValues(column.steps, object).filter((value) => value !== undefined && value !== null);
    return values.length === 0 ? "<none>" : values.map(valueText).join(",");
  });
}

function splitOutsideBrackets(spec: string): readonly string[] {
  return [...spec.matchAll(/(?:[^,[\]]|\[[^\]]*\])+/g)].map(([part]) => part);
}
