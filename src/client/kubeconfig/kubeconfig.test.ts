import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kubeconfigText, loadKubeconfig } from "#client/kubeconfig";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const user = (body: string): string => `
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://east:6443", certificate-authority: ca.pem}}]
users: [{name: u, user: ${body}}]
contexts: [{name: east, context: {cluster: c, user: u, namespace: shop}}, {name: lost, context: {cluster: gone, user: u}}]
current-context: east
`;

test("what is written is read again", async () => {
  const entry = { server: "https://127.0.0.1:7443", ca: "CA", cert: "CERT", key: "KEY", context: "drover" };
  const path = write("config", kubeconfigText(entry));
  const { context, http } = await loadKubeconfig({ path });
  expect({ context, ...http }).toEqual(entry);
});

test("paths are relative to the file, and KUBECONFIG's files are merged, the first one winning", async () => {
  write("ca.pem", "CA");
  const first = write("first", "users: [{name: u, user: {token: from-first}}]");
  const second = write("second", user("{token: from-second}"));
  const loaded = await loadKubeconfig({ env: { KUBECONFIG: `${first}:${join(folder, "missing")}:${second}` } });
  expect([loaded.namespace, loaded.http]).toEqual([
    "shop",
    { server: "https://east:6443", ca: "CA", token: "from-first" },
  ]);
});

test("an exec plugin's token is asked for", async () => {
  write("ca.pem", "CA");
  const credential = JSON.stringify({
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    status: { token: "from-plugin" },
  });
  write("plugin.sh", `#!/bin/sh\necho '${credential}'\n`);
  const exec = `{exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, args: ["${join(folder, "plugin.sh")}"], interactiveMode: Never}}`;
  const { http } = await loadKubeconfig({ path: write("config", user(exec)) });
  expect(await http.tokenProvider?.()).toBe("from-plugin");
});

test.each([
  ["KubeconfigMissing", undefined, undefined, "not found"],
  ["KubeconfigInvalid", "a: [", undefined, "cannot be read"],
  ["KubeconfigContextMissing", user("{}"), "west", "no context west in the kubeconfig; it has: east, lost"],
  ["KubeconfigContextMissing", "kind: Config", undefined, "no current context; it has: none"],
  ["KubeconfigNoServer", user("{}"), "lost", 'cluster "gone" has no server'],
  ["KubeconfigInvalid", user("{}"), "east", "ca.pem, named by the kubeconfig, cannot be read"],
])("%s is said in words", async (reason, text, context, message) => {
  const path = text === undefined ? join(folder, "none") : write("config", text);
  await expect(loadKubeconfig({ path, context })).rejects.toMatchObject({
    name: "TerminalError",
    reason,
    message: expect.stringContaining(message),
  });
});
