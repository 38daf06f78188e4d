import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { load } from "js-yaml";
import { errorText, isJsonObject, TerminalError } from "#base";
import type { ClusterEntry, KubeconfigFile, UserEntry } from "./types.ts";

export interface KubeconfigSource {
  /** A file named by the user. Without it the default rules: KUBECONFIG's files, then ~/.kube/config. */
  readonly path?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Files in order; where two name the same entry the first one counts. */
export function kubeconfigPaths(source: KubeconfigSource): readonly string[] {
  if (source.path !== undefined && source.path !== "") return [source.path];
  const listed = source.env?.KUBECONFIG?.split(delimiter).filter((path) => path !== "") ?? [];
  if (listed.length > 0) return listed;
  const home = source.env?.HOME;
  return home === undefined ? [] : [join(home, ".kube", "config")];
}

/**
 * Reads and merges the files; paths inside are made absolute. Of several, those that do not exist are passed over.
 *
 * @throws TerminalError KubeconfigMissing, KubeconfigInvalid.
 */
export function readKubeconfig(source: KubeconfigSource): KubeconfigFile {
  const paths = kubeconfigPaths(source);
  const present = paths.filter((path) => existsSync(path));
  if (present.length === 0) {
    throw new TerminalError("KubeconfigMissing", `no kubeconfig: ${paths.join(", ") || "no path given"} not found`, {
      hint: "name the file with --kubeconfig, or set KUBECONFIG",
    });
  }
  const files = present.map(readOne);
  return {
    clusters: files.flatMap((file) => file.clusters ?? []),
    users: files.flatMap((file) => file.users ?? []),
    contexts: files.flatMap((file) => file.contexts ?? []),
    "current-context": files.map((file) => file["current-context"]).find((name) => name !== undefined && name !== ""),
  };
}

function readOne(path: string): KubeconfigFile {
  const file = parsed(path);
  const folder = dirname(resolve(path));
  return {
    ...file,
    clusters: file.clusters?.map((entry) => ({ ...entry, cluster: absoluteCluster(folder, entry.cluster ?? {}) })),
    users: file.users?.map((entry) => ({ ...entry, user: absoluteUser(folder, entry.user ?? {}) })),
  };
}

function parsed(path: string): KubeconfigFile {
  try {
    const file: unknown = load(readFileSync(path, "utf8"));
    if (isJsonObject(file)) return file as KubeconfigFile;
  } catch (cause) {
    throw invalidFile(path, errorText(cause).split("\n")[0] ?? "", cause);
  }
  throw invalidFile(path, "it is not a YAML mapping");
}

function invalidFile(path: string, why: string, cause?: unknown): TerminalError {
  return new TerminalError("KubeconfigInvalid", `kubeconfig ${path} cannot be read: ${why}`, {
    hint: "check the file with: kubectl config view --kubeconfig <file>",
    cause,
  });
}

const absolute = (folder: string, path: string | undefined): string | undefined =>
  path === undefined || path === "" ? undefined : resolve(folder, path);

function absoluteCluster(folder: string, cluster: ClusterEntry): ClusterEntry {
  return { ...cluster, "certificate-authority": absolute(folder, cluster["certificate-authority"]) };
}

function absoluteUser(folder: string, user: UserEntry): UserEntry {
  return {
    ...user,
    "client-certificate": absolute(folder, user["client-certificate"]),
    "client-key": absolute(folder, user["client-key"]),
    tokenFile: absolute(folder, user.tokenFile),
  };
}
