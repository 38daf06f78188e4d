import type { ApiCatalogue, ApiResource } from "#client";
import { type GroupVersionResource, groupVersionText } from "#machinery";
import { CliError } from "../failure.ts";

/** What the arguments ask for: kinds as written, and names of one kind or all. */
export interface Wanted {
  readonly type: string;
  /** Empty: list. */
  readonly names: readonly string[];
}

/**
 * kubectl's arguments: `deploy`, `deploy,svc`, `deploy a b`, `deploy/a svc/b`.
 *
 * @throws CliError when nothing is asked for or the two forms are mixed.
 */
export function parseWanted(args: readonly string[]): readonly Wanted[] {
  const [first] = args;
  if (first === undefined)
    throw new CliError("no resource type given", { hint: "for example: drover get deployments" });
  if (args.some((arg) => arg.includes("/"))) return args.map(parseTypeAndName);
  return first
    .split(",")
    .filter((type) => type !== "")
    .map((type) => ({ type, names: args.slice(1) }));
}

function parseTypeAndName(arg: string): Wanted {
  const [type, name, ...more] = arg.split("/");
  if (type === undefined || type === "" || name === undefined || name === "" || more.length > 0)
    throw new CliError(`${JSON.stringify(arg)} is not TYPE/NAME`, {
      hint: "write either TYPE NAME ... or TYPE/NAME for every argument",
    });
  return { type, names: [name] };
}

/** The kind a word names: plural, singular, short name or kind; `.group` or `.version.group` may follow. */
export function findResource(catalogue: ApiCatalogue, word: string): ApiResource | undefined {
  const [name = "", ...rest] = word.toLowerCase().split(".");
  const suffix = rest.join(".");
  const inGroup = catalogue.resources.filter((resource) => fitsSuffix(resource, suffix));
  return (
    inGroup.find((resource) => resource.resource === name || resource.singular === name) ??
    inGroup.find((resource) => resource.shortNames.includes(name)) ??
    inGroup.find((resource) => resource.kind.toLowerCase() === name)
  );
}

function fitsSuffix(resource: ApiResource, suffix: string): boolean {
  if (suffix === "" || resource.group === suffix) return true;
  if (suffix === `${resource.version}.${resource.group}` || suffix === `${resource.version}.`) return true;
  return resource.group !== "" && resource.group.startsWith(`${suffix}.`);
}

/** The listable kinds of a category such as `all`; none where no kind says it belongs to it. */
function findCategory(catalogue: ApiCatalogue, word: string): readonly ApiResource[] {
  const members = catalogue.resources.filter(
    (resource) => resource.categories.includes(word) && resource.verbs.includes("list"),
  );
  return members.filter(
    (resource, index) =>
      members.findIndex((other) => other.group === resource.group && other.resource === resource.resource) === index,
  );
}

/** @throws CliError naming the word, as kubectl does. */
export function requireResources(catalogue: ApiCatalogue, word: string): readonly ApiResource[] {
  const single = findResource(catalogue, word);
  const found = single === undefined ? findCategory(catalogue, word) : [single];
  if (found.length > 0) return found;
  const partial = catalogue.partial.length === 0 ? "" : ` (could not read ${catalogue.partial.join(", ")})`;
  throw new CliError(`the server doesn't have a resource type ${JSON.stringify(word)}${partial}`, {
    hint: "list them with: kubectl api-resources",
  });
}

/** `/apis/apps/v1/namespaces/shop/deployments/cart` */
export function resourcePath(type: GroupVersionResource, namespace: string | undefined, name?: string): string {
  const root = type.group === "" ? "/api" : "/apis";
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${root}/${groupVersionText(type)}${scope}/${type.resource}${object}`;
}

/** `deployment.apps`: how names are prefixed where several kinds are shown. Old servers leave the singular empty. */
export function qualifiedSingular(resource: ApiResource): string {
  const singular = resource.singular === "" ? resource.kind.toLowerCase() : resource.singular;
  return resource.group === "" ? singular : `${singular}.${resource.group}`;
}
