import { resource as kinds } from "#api";
import type { ApiCatalogue, ApiResource, KubeClient } from "#client";
import { isNotFound, type KubeObject, keyOf } from "#machinery";
import { CliError } from "../failure.ts";
import { type ConnectionFlags, connectHub, type Hub } from "../hub.ts";
import type { CliIo } from "../io.ts";
import { toJsonText, toYamlText } from "../print/text.ts";
import { connectMember, type MemberFlags, sharedResource } from "./member.ts";
import { policyFor, templateFor } from "./plan.ts";

export interface PromoteFlags extends ConnectionFlags, MemberFlags {
  readonly namespace?: string;
  readonly autoCreatePolicy?: string;
  readonly policyName?: string;
  readonly dependencies?: boolean;
  readonly output?: string;
  readonly dryRun?: boolean;
}

/** One object to be created in the hub. */
interface Creation {
  readonly resource: ApiResource | (typeof kinds)["propagationPolicies" | "clusterPropagationPolicies"];
  readonly object: KubeObject;
  readonly role: "dependency" | "template" | "policy";
}

interface Promotion {
  readonly resource: ApiResource;
  readonly creations: readonly Creation[];
  readonly missing: readonly string[];
}

/** `drover promote`: decides everything first, then prints it or creates it. */
export async function promote(
  of: { readonly type: string; readonly name: string },
  flags: PromoteFlags,
  io: CliIo,
): Promise<void> {
  const print = printerFor(flags.output);
  const hub = await connectHub(flags, io);
  try {
    const member = await connectMember(hub, flags, io);
    const promotion = await plan(of, flags, { hub, member, signal: io.signal });
    for (const missing of promotion.missing)
      io.err(`drover: warning: ${missing} is referred to but not in ${flags.cluster}; it is left out\n`);
    if (print !== undefined) io.out(await print(promotion.creations.map((creation) => creation.object)));
    else await carryOut(promotion, flags.dryRun === true, { hub: hub.client, io });
    await member.close();
  } finally {
    await hub.close();
  }
}

type Print = (objects: readonly KubeObject[]) => Promise<string>;

function printerFor(output: string | undefined): Print | undefined {
  if (output === undefined) return undefined;
  if (output === "yaml") return async (objects) => (await Promise.all(objects.map(toYamlText))).join("---\n");
  if (output === "json") return async (objects) => objects.map(toJsonText).join("");
  throw new CliError(`unable to match a printer suitable for the output format ${JSON.stringify(output)}`, {
    hint: "use json or yaml",
  });
}

interface Parties {
  readonly hub: Hub;
  readonly member: KubeClient;
  readonly signal: AbortSignal;
}

async function plan(
  of: { readonly type: string; readonly name: string },
  flags: PromoteFlags,
  { hub, member, signal }: Parties,
): Promise<Promotion> {
  const [memberCatalogue, hubCatalogue] = await Promise.all([member.discover(signal), hub.client.discover(signal)]);
  const resource = sharedResource(memberCatalogue, hubCatalogue, of.type);
  const namespace = resource.namespaced ? (flags.namespace ?? hub.namespace) : undefined;
  const live = await readLive(member, resource, { namespace, name: of.name }, signal);
  const template = templateFor(live);
  const { missing, creations } = await dependencies(live, flags, { member, memberCatalogue, hubCatalogue, signal });
  const policy = policyFor(template, {
    cluster: flags.cluster,
    name: flags.policyName,
    propagateDeps: flags.dependencies === true,
  });
  const withPolicy = flags.autoCreatePolicy !== "false";
  const policyKind = namespace === undefined ? kinds.clusterPropagationPolicies : kinds.propagationPolicies;
  return {
    resource,
    missing,
    creations: [
      ...creations,
      { resource, object: template, role: "template" },
      ...(withPolicy ? [{ resource: policyKind, object: policy, role: "policy" } as const] : []),
    ],
  };
}

async function readLive(
  member: KubeClient,
  resource: ApiResource,
  key: { readonly namespace: string | undefined; readonly name: string },
  signal: AbortSignal,
): Promise<KubeObject> {
  try {
    return await member.get(resource, key, signal);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const where = key.namespace === undefined ? key.name : `${key.namespace}/${key.name}`;
    throw new CliError(`${member.name} has no ${resource.kind} ${where}`, {
      hint: `see what it has with: drover get ${resource.resource} -A -s members -C ${member.name}`,
      cause: error,
    });
  }
}

async function dependencies(
  live: KubeObject,
  flags: PromoteFlags,
  of: {
    readonly member: KubeClient;
    readonly memberCatalogue: ApiCatalogue;
    readonly hubCatalogue: ApiCatalogue;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly missing: readonly string[]; readonly creations: readonly Creation[] }> {
  if (flags.dependencies !== true) return { missing: [], creations: [] };
  const { readDependencies } = await import("./dependencies.ts");
  const { found, missing } = await readDependencies(
    live,
    { client: of.member, catalogue: of.memberCatalogue },
    of.signal,
  );
  const creations = found.map(({ resource, live: dependency }): Creation => {
    sharedResource({ resources: [resource], partial: [] }, of.hubCatalogue, resource.resource);
    return { resource, object: templateFor(dependency), role: "dependency" };
  });
  return { missing, creations };
}

/** Checks that nothing is in the way before the first write; then writes in order, dependencies first, the policy last. */
async function carryOut(
  promotion: Promotion,
  dryRun: boolean,
  by: { readonly hub: KubeClient; readonly io: CliIo },
): Promise<void> {
  const { hub, io } = by;
  const present = await Promise.all(promotion.creations.map((creation) => exists(hub, creation, io.signal)));
  promotion.creations.forEach((creation, index) => {
    if (present[index] === true && creation.role !== "dependency") throw inTheWay(creation);
  });
  for (const [index, creation] of promotion.creations.entries()) {
    if (present[index] === true) {
      io.out(`${nameOf(creation)} is in the hub already and is left as it is\n`);
      continue;
    }
    await create(creation, dryRun, by);
    io.out(`${nameOf(creation)} ${dryRun ? "would be created" : "is created successfully"}\n`);
  }
  io.out(dryRun ? "dry run: nothing was written\n" : `${promotedText(promotion)}\n`);
}

async function create(
  creation: Creation,
  dryRun: boolean,
  { hub, io }: { readonly hub: KubeClient; readonly io: CliIo },
): Promise<void> {
  try {
    await hub.create(creation.resource, creation.object, { dryRun, fieldManager: "drover-promote" }, io.signal);
  } catch (error) {
    const { namespace } = creation.object.metadata;
    if (isNotFound(error) && namespace !== undefined)
      throw new CliError(`the hub has no namespace ${namespace}`, {
        hint: `create it with: kubectl create namespace ${namespace}`,
        cause: error,
      });
    throw error;
  }
}

async function exists(hub: KubeClient, creation: Creation, signal: AbortSignal): Promise<boolean> {
  const { namespace, name = "" } = creation.object.metadata;
  try {
    await hub.get(creation.resource, { namespace, name }, signal);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function inTheWay(creation: Creation): CliError {
  const key = keyOf(creation.object);
  if (creation.role === "policy")
    return new CliError(`${creation.object.kind} ${key} already exists; nothing was created`, {
      hint: "choose another name with --policy-name, or --auto-create-policy=false to rely on that policy",
    });
  const { group, version, resource } = creation.resource;
  const gvr = `${group}/${version}, Resource=${resource}`;
  return new CliError(
    `Resource "${gvr}"(${key}) already exist in karmada control plane, you can edit PropagationPolicy and OverridePolicy to propagate it`,
    { hint: `see where it goes with: drover describe ${resource} ${creation.object.metadata.name}` },
  );
}

function nameOf(creation: Creation): string {
  const { object, role } = creation;
  const key = keyOf(object);
  if (role === "dependency") return `Dependency ${object.kind} (${key})`;
  if (role === "template") return `ResourceTemplate (${key})`;
  return object.metadata.namespace === undefined ? `${object.kind} ${key}` : `${object.kind} (${key})`;
}

function promotedText({ resource, creations }: Promotion): string {
  const template = creations.find((creation) => creation.role === "template");
  const key = template === undefined ? "" : keyOf(template.object);
  return `Resource "${resource.group}/${resource.version}, Resource=${resource.resource}"(${key}) is promoted successfully`;
}
