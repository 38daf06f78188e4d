import type { TLSSocket } from "node:tls";
import { badRequest, forbidden, unauthorized } from "#machinery";
import type { User } from "../contract.ts";
import { isMaster } from "../server/authorize.ts";
import type { Request } from "./wire.ts";

/**
 * Who asks: the subject of a client certificate that our authority signed, the owner of a bearer token, or whom that one
 * impersonates.
 *
 * @returns undefined for a caller without credentials.
 * @throws StatusError 401 for credentials that are not valid.
 */
export function authenticate(
  request: Request,
  userOfToken: ((token: string) => User | undefined) | undefined,
): User | undefined {
  const token = /^Bearer\s+(\S+)/i.exec(request.headers.authorization ?? "")?.[1];
  const user = certificateUser(request) ?? (token === undefined ? undefined : userOfToken?.(token));
  if (user === undefined && token !== undefined) throw unauthorized();
  if (user === undefined) return undefined;
  return impersonated(request, user);
}

/** A connection's certificate never changes, and reading it costs more than answering a GET. */
const knownUsers = new WeakMap<object, { readonly user: User | undefined }>();

function certificateUser(request: Request): User | undefined {
  const socket = tlsSocketOf(request);
  if (socket?.authorized !== true) return undefined;
  const known = knownUsers.get(socket);
  if (known !== undefined) return known.user;
  const user = subjectUser(socket);
  knownUsers.set(socket, { user });
  return user;
}

function subjectUser(socket: TLSSocket): User | undefined {
  const { subject } = socket.getPeerCertificate();
  if (subject === undefined) return undefined;
  const names: unknown = subject.CN;
  const groups: unknown = subject.O;
  const name = Array.isArray(names) ? String(names[0]) : String(names ?? "");
  if (name === "") return undefined;
  const listed = Array.isArray(groups) ? groups.map(String) : groups === undefined ? [] : [String(groups)];
  return { name, groups: [...listed, "system:authenticated"] };
}

function tlsSocketOf(request: Request): TLSSocket | undefined {
  const stream = "stream" in request ? request.stream?.session?.socket : request.socket;
  return stream as TLSSocket | undefined;
}

const headerOf = (request: Request, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** Repeated headers arrive joined by Node; a group's name has no comma. */
function listHeader(request: Request, name: string): readonly string[] {
  const value = request.headers[name];
  const texts = Array.isArray(value) ? value : (value ?? "").split(",");
  return texts.map((text) => text.trim()).filter((text) => text !== "");
}

function impersonated(request: Request, user: User): User {
  const name = headerOf(request, "impersonate-user");
  const groups = listHeader(request, "impersonate-group");
  const uid = headerOf(request, "impersonate-uid");
  const extra = extraOf(request);
  if (name === undefined) {
    if (groups.length > 0 || uid !== undefined || extra !== undefined)
      throw badRequest("requested impersonation without impersonating a user");
    return user;
  }
  if (!isMaster(user)) {
    const why = `User "${user.name}" cannot impersonate resource "users" in API group "" at the cluster scope`;
    throw forbidden({ group: "", resource: "users" }, name, why);
  }
  return {
    name,
    groups: withImpliedGroups(name, groups),
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined ? {} : { extra }),
  };
}

/** A ServiceAccount is in the groups of its kind unless the caller names groups; nobody but the anonymous is unauthenticated. */
function withImpliedGroups(name: string, groups: readonly string[]): readonly string[] {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name) ?? [];
  const accounts = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
  const own = namespace !== undefined && groups.length === 0 ? accounts : groups;
  const implied = name === "system:anonymous" ? "system:unauthenticated" : "system:authenticated";
  return own.includes(implied) ? own : [...own, implied];
}

const extraPrefix = "impersonate-extra-";

function extraOf(request: Request): User["extra"] {
  const entries = Object.keys(request.headers)
    .filter((name) => name.startsWith(extraPrefix))
    .map((name) => [decodeURIComponent(name.slice(extraPrefix.length)), listHeader(request, name)] as const);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
