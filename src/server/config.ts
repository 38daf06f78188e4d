import { TerminalError } from "#base";

/** What a hub is started with. */
export interface HubConfig {
  /** State, keys and kubeconfig. */
  readonly dataDir: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly takeoverGuard: "refuse" | "warn" | "off";
  /** Of this program, shown in /version. */
  readonly version: string;
}

/**
 * `127.0.0.1:7443`, `[::1]:7443`, `:7443` (loopback), `7443`.
 *
 * @throws TerminalError InvalidListenAddress.
 */
export function parseListen(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:(?:\[([0-9a-fA-F:]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new TerminalError("InvalidListenAddress", `--listen ${text} is not HOST:PORT`, {
      hint: "for example --listen 127.0.0.1:7443",
    });
  const host = match[1] ?? match[2] ?? "";
  return { host: host === "" ? "127.0.0.1" : host, port };
}

/** The address that clients on this machine use: of a wildcard, loopback. */
export function serverUrl(host: string, port: number): string {
  const local = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `https://${local.includes(":") ? `[${local}]` : local}:${port}`;
}
