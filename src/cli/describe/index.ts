import { type ApiResource, createClient, type KubeClient } from "#client";
import { isNotFound, type KubeObject } from "#machinery";
import { CliError } from "../failure.ts";
import { parseScope } from "../get/options.ts";
import { parseWanted, requireResources } from "../get/resources.ts";
import { type ConnectionFlags, connectHub, type Hub, memberTransport } from "../hub.ts";
import type { CliIo } from "../io.ts";
import { toYamlText, withoutManagedFields } from "../print/text.ts";
import { gatherChain, readEvents } from "./gather.ts";
import { conditionsTable, eventsTable, fields, renderChain } from "./render.ts";

export interface DescribeFlags extends ConnectionFlags {
  readonly namespace?: string;
  readonly operationScope?: string;
  readonly cluster?: string;
}

/** Groups whose objects are no templates: they are described as themselves. */
const ownGroups = /(^|\.)(karmada|drover)\.io$/;

/** `drover describe`: a template with its chain to the members, anything else as it is. */
export async function describe(
  of: { readonly type: string; readonly name: string | undefined },
  flags: DescribeFlags,
  io: CliIo,
): Promise<void> {
  const scope = parseScope(flags.operationScope);
  if (scope === "all") throw new CliError("not support operation scope: all", { hint: "use karmada or members" });
  if (scope === "members" && flags.cluster === undefined)
    throw new CliError("must specify a member cluster", { hint: "add -C NAME" });
  const target = targetOf(of);
  const hub = await connectHub(flags, io);
  try {
    const server = scope === "karmada" ? hub.client : memberClient(hub, flags.cluster ?? "");
    const { object, resource } = await read(server, target, flags.namespace ?? hub.namespace, io.signal);
    const template = scope === "karmada" && !ownGroups.test(resource.group) && resource.kind !== "Event";
    io.out(
      template
        ? renderChain(await gatherChain(hub, object, resource, io.signal))
        : await describePlain({ ...hub, client: server }, object, io.signal),
    );
  } finally {
    await hub.close();
  }
}

const memberClient = (hub: Hub, name: string): KubeClient =>
  createClient({ name, transport: memberTransport(hub.transport, name) });

function targetOf(of: { readonly type: string; readonly name: string | undefined }) {
  const [wanted] = parseWanted(of.name === undefined ? [of.type] : [of.type, of.name]);
  const name = wanted?.names[0];
  if (wanted === undefined || name === undefined)
    throw new CliError(`no name given for ${of.type}`, { hint: `list them with: drover get ${of.type}` });
  return { type: wanted.type, name };
}

async function read(
  server: KubeClient,
  target: { readonly type: string; readonly name: string },
  namespace: string,
  signal: AbortSignal,
): Promise<{ readonly object: KubeObject; readonly resource: ApiResource }> {
  const [resource] = requireResources(await server.discover(signal), target.type);
  if (resource === undefined) throw new CliError(`no such kind: ${target.type}`);
  const key = { namespace: resource.namespaced ? namespace : undefined, name: target.name };
  try {
    return { resource, object: await server.get(resource, key, signal) };
  } catch (error) {
    if (!isNotFound(error) || server.name !== "hub") throw error;
    throw new CliError(error.message, {
      hint: `if a member has it, bring it in with: drover promote ${target.type} ${target.name} -C CLUSTER`,
      cause: error,
    });
  }
}

async function describePlain(server: Hub, object: KubeObject, signal: AbortSignal): Promise<string> {
  const { apiVersion, kind, metadata, status, ...rest } = withoutManagedFields(object);
  const conditions = conditionsTable({ apiVersion, kind, metadata, status: (status ?? {}) as object });
  const { conditions: _shown, ...otherStatus } = (status ?? {}) as Readonly<Record<string, unknown>>;
  const { name, namespace, ...otherMetadata } = metadata;
  const body = kind === "Secret" ? masked(rest) : rest;
  return [
    fields([
      ["Name", name ?? ""],
      ...(namespace === undefined ? [] : ([["Namespace", namespace]] as const)),
      ["Kind", `${apiVersion} ${kind}`],
    ]),
    await toYamlText({ Metadata: otherMetadata }),
    Object.keys(body).length === 0 ? "" : await toYamlText(body),
    Object.keys(otherStatus).length === 0 ? "" : await toYamlText({ Status: otherStatus }),
    conditions,
    eventsTable(await readEvents(server, [object], signal)),
  ].join("");
}

/** A Secret's values are not for a screen: their sizes are. */
function masked(rest: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const sizes = (values: unknown, bytes: (text: string) => number): unknown =>
    Object.fromEntries(
      Object.entries((values ?? {}) as Readonly<Record<string, string>>).map(([key, text]) => [
        key,
        `${bytes(text)} bytes`,
      ]),
    );
  return {
    ...rest,
    ...(rest.data === undefined ? {} : { data: sizes(rest.data, (text) => Buffer.from(text, "base64").length) }),
    ...(rest.stringData === undefined ? {} : { stringData: sizes(rest.stringData, (text) => Buffer.byteLength(text)) }),
  };
}
