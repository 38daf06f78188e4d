import { subresourcesOf } from "../discovery/resources.ts";
import type { ResourceDefinition } from "../kinds/definition.ts";
import { gvkOf, type Schema } from "./schemas.ts";

/** What the operations of one path have in common. */
interface PathContext {
  readonly definition: ResourceDefinition;
  /** `Namespaced`, or nothing: part of operation ids. */
  readonly scope: string;
  /** The kind's schema, as a reference. */
  readonly body: Schema;
}

type PathItem = Record<string, unknown>;

const patchTypes = ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"];

/** The paths of a resource: collection, object and subresources, and the list over all namespaces. */
export function pathsOf(definition: ResourceDefinition, body: Schema): Readonly<Record<string, PathItem>> {
  const root =
    definition.group === "" ? `/api/${definition.version}` : `/apis/${definition.group}/${definition.version}`;
  const base = `${root}${definition.namespaced ? "/namespaces/{namespace}" : ""}/${definition.resource}`;
  const context: PathContext = { definition, scope: definition.namespaced ? "Namespaced" : "", body };
  const { verbs } = definition;
  const paths: Record<string, PathItem> = { [base]: collection(context) };
  if (definition.namespaced && verbs.includes("list")) {
    const all = { ...context, scope: "" };
    paths[`${root}/${definition.resource}`] = {
      get: operation(all, "list", { suffix: "ForAllNamespaces", parameters: listParameters }),
    };
  }
  if (verbs.includes("get")) paths[`${base}/{name}`] = single(context, verbs, "");
  for (const { name, verbs: allowed, kind } of subresourcesOf(definition)) {
    const gvk = { group: kind.group, kind: kind.kind, version: kind.version };
    paths[`${base}/{name}/${name}`] = single(context, allowed, name, gvk);
  }
  return paths;
}

function collection(context: PathContext): PathItem {
  const { verbs } = context.definition;
  return {
    ...(verbs.includes("list") ? { get: operation(context, "list", { parameters: listParameters }) } : {}),
    ...(verbs.includes("create") ? { post: operation(context, "create", { takesBody: true }) } : {}),
    ...(verbs.includes("deletecollection")
      ? { delete: operation(context, "deletecollection", { parameters: listParameters }) }
      : {}),
    parameters: pathParameters(context, false),
  };
}

function single(context: PathContext, verbs: readonly string[], subresource: string, gvk?: Schema): PathItem {
  const options = { suffix: subresource === "" ? "" : capitalised(subresource), gvk };
  return {
    ...(verbs.includes("get") ? { get: operation(context, "read", options) } : {}),
    ...(verbs.includes("update") ? { put: operation(context, "replace", { ...options, takesBody: true }) } : {}),
    ...(verbs.includes("create") && subresource !== ""
      ? { post: operation(context, "create", { ...options, takesBody: true }) }
      : {}),
    ...(verbs.includes("delete") ? { delete: operation(context, "delete", options) } : {}),
    ...(verbs.includes("patch") ? { patch: patchOperation(context, options) } : {}),
    parameters: pathParameters(context, true),
  };
}

interface OperationOptions {
  readonly suffix?: string;
  readonly gvk?: Schema | undefined;
  readonly parameters?: readonly Schema[];
  readonly takesBody?: boolean;
}

/** The action that a verb is published as, the start of its operation's id, and its description. */
const actions: Readonly<Record<string, readonly [action: string, id: string, text: string]>> = {
  list: ["list", "list", "list objects of kind"],
  create: ["post", "create", "create a"],
  deletecollection: ["deletecollection", "delete", "delete collection of"],
  read: ["get", "read", "read the specified"],
  replace: ["put", "replace", "replace the specified"],
  delete: ["delete", "delete", "delete a"],
  patch: ["patch", "patch", "partially update the specified"],
};

function operation(context: PathContext, verb: string, options: OperationOptions): Schema {
  const { definition, scope, body } = context;
  const parameters = options.parameters ?? parametersOf(verb);
  const [action = verb, id = verb, text = verb] = actions[verb] ?? [];
  const middle = verb === "deletecollection" ? `Collection${scope}` : scope;
  const of =
    options.suffix !== undefined && options.suffix !== "" && options.suffix !== "ForAllNamespaces"
      ? `${options.suffix.toLowerCase()} of the specified `
      : "";
  return {
    tags: [`${groupWords(definition).toLowerCase()}_${definition.version}`],
    description:
      of === "" ? `${text} ${definition.kind}` : `${text.replace(/ the specified$| a$/, "")} ${of}${definition.kind}`,
    operationId: `${id}${groupWords(definition)}${capitalised(definition.version)}${middle}${definition.kind}${options.suffix ?? ""}`,
    ...(parameters === undefined ? {} : { parameters }),
    ...(options.takesBody === true ? { requestBody: { required: true, content: { "*/*": { schema: body } } } } : {}),
    responses: { "200": { description: "OK", content: { "application/json": { schema: body } } } },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": options.gvk ?? gvkOf(definition, definition.kind),
  };
}

function patchOperation(context: PathContext, options: OperationOptions): Schema {
  const { definition } = context;
  const types =
    definition.origin === "builtin" ? [...patchTypes, "application/strategic-merge-patch+json"] : patchTypes;
  const schema = { type: "object", description: "A patch." };
  const content = Object.fromEntries(types.map((type) => [type, { schema }]));
  return { ...operation(context, "patch", options), requestBody: { required: true, content } };
}

const parameter = (name: string, place: "path" | "query", type: string, description: string): Schema => ({
  name,
  in: place,
  description,
  ...(place === "path" ? { required: true } : {}),
  schema: { type, uniqueItems: true },
});

function pathParameters({ definition }: PathContext, named: boolean): readonly Schema[] {
  return [
    ...(named ? [parameter("name", "path", "string", `name of the ${definition.kind}`)] : []),
    ...(definition.namespaced
      ? [parameter("namespace", "path", "string", "object name and auth scope, such as for teams and projects")]
      : []),
    parameter("pretty", "query", "string", "Ignored: answers are compact."),
  ];
}

const listParameters: readonly Schema[] = [
  parameter("allowWatchBookmarks", "query", "boolean", "Whether a watch may get bookmarks."),
  parameter("continue", "query", "string", "Where the next page of a list starts."),
  parameter("fieldSelector", "query", "string", "Selects by fields."),
  parameter("labelSelector", "query", "string", "Selects by labels."),
  parameter("limit", "query", "integer", "The most objects that a page holds."),
  parameter("resourceVersion", "query", "string", "From which version to read."),
  parameter("resourceVersionMatch", "query", "string", "How to read the resourceVersion."),
  parameter("sendInitialEvents", "query", "boolean", "Whether a watch begins with what is there."),
  parameter("timeoutSeconds", "query", "integer", "How long the call may take."),
  parameter("watch", "query", "boolean", "Whether to watch for changes."),
];

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `Core`, `Apps`, `RbacAuthorization`, `ShopExampleCom`. */
function groupWords(definition: ResourceDefinition): string {
  if (definition.group === "") return "Core";
  return definition.group
    .replace(/\.k8s\.io$/, "")
    .split(/[.-]/)
    .map(capitalised)
    .join("");
}

/** kubectl looks for fieldValidation here before it leaves the checking of fields to the server. */
function parametersOf(verb: string): readonly Schema[] | undefined {
  const write = [
    parameter("dryRun", "query", "string", "`All`: nothing is stored."),
    parameter("fieldManager", "query", "string", "Who the changed fields will belong to."),
    parameter(
      "fieldValidation",
      "query",
      "string",
      "What to do with unknown or repeated fields: Ignore, Warn or Strict.",
    ),
  ];
  if (verb === "create" || verb === "replace") return write;
  if (verb === "patch") return [...write, parameter("force", "query", "boolean", "Takes fields from other managers.")];
  if (verb !== "delete") return undefined;
  return [
    parameter("dryRun", "query", "string", "`All`: nothing is stored."),
    parameter("gracePeriodSeconds", "query", "integer", "How long the object may take to end."),
    parameter("orphanDependents", "query", "boolean", "Deprecated: use propagationPolicy."),
    parameter("propagationPolicy", "query", "string", "What becomes of dependents: Orphan, Background or Foreground."),
  ];
}
