import { dump, load } from "js-yaml";
import type {
  CommandArgsOverrider,
  FieldOverrider,
  FieldPatchOperation,
  ImageOverrider,
  LabelAnnotationOverrider,
  Overriders,
} from "#api/policy";
import { TerminalError } from "#base";
import { encodeJson, fieldAt, type KubeObject, listAt, mapAt, parseJson, textAt, withField } from "#machinery";
import { applyJsonPatch } from "#machinery/patch";
import { overrideImage } from "./image.ts";

const withContainers: Readonly<Record<string, readonly string[]>> = {
  "v1/Pod": ["spec"],
  "apps/v1/ReplicaSet": ["spec", "template", "spec"],
  "apps/v1/Deployment": ["spec", "template", "spec"],
  "apps/v1/DaemonSet": ["spec", "template", "spec"],
  "apps/v1/StatefulSet": ["spec", "template", "spec"],
  "batch/v1/Job": ["spec", "template", "spec"],
};

function mapContainers(object: KubeObject, change: (container: unknown) => unknown): KubeObject {
  const path = withContainers[`${object.apiVersion}/${object.kind}`];
  if (path === undefined) return object;
  const containers = listAt(object, [...path, "containers"]);
  return containers.length === 0 ? object : withField(object, [...path, "containers"], containers.map(change));
}

const pointerParts = (pointer: string): readonly string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));

/** The text at a JSON pointer; list indices are numbers. */
function textAtPointer(object: KubeObject, pointer: string): string {
  let at: unknown = object;
  for (const part of pointerParts(pointer)) at = fieldAt(at, [Array.isArray(at) ? Number(part) : part]);
  if (typeof at === "string") return at;
  throw new TerminalError("ApplyOverridePolicyFailed", `${pointer} of ${object.kind} is not a string`, {
    hint: "point the overrider at a string field of the template",
  });
}

const patched = (object: KubeObject, operations: readonly unknown[]): KubeObject =>
  applyJsonPatch(object, operations) as KubeObject;

const replaceAt = (object: KubeObject, path: string, value: unknown): KubeObject =>
  patched(object, [{ op: "replace", path, value }]);

function applyImage(object: KubeObject, overrider: ImageOverrider): KubeObject {
  const path = overrider.predicate?.path;
  if (path !== undefined) return replaceAt(object, path, overrideImage(textAtPointer(object, path), overrider));
  return mapContainers(object, (container) => {
    const image = textAt(container, ["image"]);
    return image === undefined ? container : withField(container, ["image"], overrideImage(image, overrider));
  });
}

function applyWords(object: KubeObject, field: "command" | "args", overrider: CommandArgsOverrider): KubeObject {
  const words = overrider.value ?? [];
  return mapContainers(object, (container) => {
    if (textAt(container, ["name"]) !== overrider.containerName) return container;
    const present = listAt(container, [field]) as readonly string[];
    if (overrider.operator === "add") return withField(container, [field], [...present, ...words]);
    if (present.length === 0) return container;
    return withField(
      container,
      [field],
      present.filter((word) => !words.includes(word)),
    );
  });
}

function applyMap(
  object: KubeObject,
  field: "labels" | "annotations",
  overrider: LabelAnnotationOverrider,
): KubeObject {
  const map: Record<string, unknown> = { ...mapAt(object, ["metadata", field]) };
  for (const [key, value] of Object.entries(overrider.value ?? {})) {
    if (overrider.operator === "add") map[key] = value;
    else if (!Object.hasOwn(map, key)) continue;
    else if (overrider.operator === "replace") map[key] = value;
    else delete map[key];
  }
  return withField(object, ["metadata", field], map);
}

const operationsOf = (entries: readonly FieldPatchOperation[]): readonly unknown[] =>
  entries.map(({ operator, subPath, value }) => ({ op: operator, path: subPath, value }));

function applyField(object: KubeObject, { fieldPath, json, yaml }: FieldOverrider): KubeObject {
  const text = textAtPointer(object, fieldPath);
  if (json !== undefined && json.length > 0) {
    return replaceAt(object, fieldPath, encodeJson(applyJsonPatch(parseJson(text), operationsOf(json))));
  }
  if (yaml === undefined || yaml.length === 0) return object;
  return replaceAt(object, fieldPath, dump(applyJsonPatch(load(text), operationsOf(yaml))));
}

/** All overriders of one rule, in their fixed order; the last word is plain text's. */
export function applyOverriders(object: KubeObject, overriders: Overriders): KubeObject {
  let result = object;
  for (const one of overriders.imageOverrider ?? []) result = applyImage(result, one);
  for (const one of overriders.commandOverrider ?? []) result = applyWords(result, "command", one);
  for (const one of overriders.argsOverrider ?? []) result = applyWords(result, "args", one);
  for (const one of overriders.labelsOverrider ?? []) result = applyMap(result, "labels", one);
  for (const one of overriders.annotationsOverrider ?? []) result = applyMap(result, "annotations", one);
  for (const one of overriders.fieldOverrider ?? []) result = applyField(result, one);
  const plain = (overriders.plaintext ?? []).map(({ path, operator, value }) => ({ op: operator, path, value }));
  return plain.length === 0 ? result : patched(result, plain);
}
