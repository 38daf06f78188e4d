import { accessSync, chmodSync, constants, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorText, TerminalError } from "#base";
import { DirectoryInUseError, StorageFullError, UnknownFormatError } from "#storage";

/**
 * Makes the data directory, readable by its owner only.
 *
 * @throws TerminalError DataDirUnusable.
 */
export function prepareDataDir(path: string): void {
  try {
    makeFolders(path);
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new TerminalError("DataDirUnusable", `data directory ${path} cannot be used: ${errorText(cause)}`, {
      hint: "choose another with --data-dir, or make it yours",
      cause,
    });
  }
}

/** Not Node's own recursive one: that never returns below /proc. */
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/** Writes a file that only its owner may read; never half of it. */
export function writePrivateFile(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
  return path;
}

/** What stops a start, with the next step; anything unknown comes back as it is. */
export function startError(error: unknown, at: { readonly host: string; readonly port: number }): unknown {
  if (error instanceof DirectoryInUseError)
    return new TerminalError("DataDirInUse", `data directory ${error.directory} is in use by another process`, {
      hint: "stop that hub, or choose another directory with --data-dir",
      cause: error,
    });
  if (error instanceof UnknownFormatError)
    return new TerminalError("DataDirUnreadable", error.message, {
      hint: "use the version that wrote it, or choose another directory with --data-dir",
    });
  if (error instanceof StorageFullError)
    return new TerminalError("DiskFull", `the disk has no room for the hub's data: ${errorText(error)}`, {
      hint: "free some space, or choose another directory with --data-dir",
    });
  return listenError(error, at);
}

function listenError(error: unknown, { host, port }: { readonly host: string; readonly port: number }): unknown {
  const code = (error as { readonly code?: unknown } | null)?.code;
  const hints: Readonly<Record<string, readonly [string, string]>> = {
    EADDRINUSE: ["the port is in use", "choose another with --listen, or stop what listens there"],
    EADDRNOTAVAIL: ["this machine has no such address", "choose another with --listen"],
    EACCES: ["not permitted", "choose a port above 1023 with --listen"],
    ENOTFOUND: ["no such host", "choose another with --listen"],
  };
  const known = typeof code === "string" ? hints[code] : undefined;
  if (known === undefined) return error;
  return new TerminalError("CannotListen", `cannot listen on ${host}:${port}: ${known[0]}`, {
    hint: known[1],
    cause: undefined,
  });
}
