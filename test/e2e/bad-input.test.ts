import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drover, freePort, type Hub, startHub, unavailable, until } from "./cluster.ts";
import { bindingOf, namespaceOn } from "./fleet.ts";
import { configMap, policy } from "./objects.ts";

const said = (result: { readonly stdout: string; readonly stderr: string }): string =>
  `${result.stdout}${result.stderr}`;

describe.skipIf(unavailable !== undefined)("bad input is refused in words and the hub lives on", () => {
  let hub: Hub;
  beforeAll(async () => {
    hub = await startHub();
    await namespaceOn("bad", hub.kubectl);
  });
  afterAll(() => hub?.remove());

  async function refused(manifest: string): Promise<string> {
    const result = await hub.kubectl.run(["apply", "-n", "bad", "-f", "-"], manifest);
    expect(result.code).not.toBe(0);
    expect((await hub.kubectl.run(["get", "--raw", "/readyz"])).stdout).toBe("ok");
    return said(result);
  }

  test("a kind that does not exist", async () => {
    expect(await refused('{"apiVersion":"apps/v1","kind":"Deploiment","metadata":{"name":"x"}}')).toContain(
      "Deploiment",
    );
  });

  test("an unknown field", async () => {
    expect(await refused(JSON.stringify({ ...configMap("x", "bad"), dat: { a: "b" } }))).toContain(
      'unknown field "dat"',
    );
  });

  test("an invalid selector", async () => {
    const spec = { resourceSelectors: [{ apiVersion: "v1", kind: "ConfigMap", namespace: "elsewhere" }] };
    expect(await refused(JSON.stringify({ ...policy("x", "bad", []), spec }))).toContain(
      "namespace of resource selector must be the same",
    );
    expect(
      await refused(
        JSON.stringify({ ...policy("x", "bad", []), spec: { resourceSelectors: [{ kind: "ConfigMap" }] } }),
      ),
    ).toContain("apiVersion");
  });

  test("a placement that names an unknown cluster", async () => {
    await hub.kubectl.apply([
      configMap("x", "bad"),
      policy("x", "bad", [{ apiVersion: "v1", kind: "ConfigMap" }], {
        placement: { clusterAffinity: { clusterNames: ["atlantis"] } },
      }),
    ]);
    await until(
      async () => {
        const binding = await bindingOf(hub, "bad", "x-configmap");
        const scheduled = binding?.status?.conditions?.find((one) => one.type === "Scheduled");
        return scheduled?.status === "False" && scheduled.reason === "NoClusterFit";
      },
      { what: "the binding to say that no cluster fits" },
    );
  });

  test("an object of 3 MB", async () => {
    const huge = await hub.kubectl.run(
      ["create", "-f", "-"],
      JSON.stringify(configMap("huge", "bad", { blob: "x".repeat(3 << 20) })),
    );
    expect(huge.code).not.toBe(0);
    expect(said(huge)).toMatch(/too large|too long/i);
    expect((await hub.kubectl.run(["get", "--raw", "/readyz"])).stdout).toBe("ok");
  });

  test("JSON nested ten thousand deep", async () => {
    const deep = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"deep"},"data":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}}`;
    const result = await hub.kubectl.run(["create", "--raw", "/api/v1/namespaces/bad/configmaps", "-f", "-"], deep);
    expect(result.code).not.toBe(0);
    expect((await hub.kubectl.run(["get", "--raw", "/readyz"])).stdout).toBe("ok");
  });

  test("a port in use, a data directory in use", async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((done) => other.listen(port, "127.0.0.1", done));
    const busy = await drover(["up", "--data-dir", `${hub.dataDir}-other`, "--listen", `127.0.0.1:${port}`]);
    other.close();
    expect(busy.code).toBe(1);
    expect(said(busy)).toContain(`127.0.0.1:${port}`);
    expect(said(busy)).toContain("in use");
    const twice = await drover(["up", "--data-dir", hub.dataDir, "--listen", `127.0.0.1:${await freePort()}`]);
    expect(twice.code).toBe(1);
    expect(said(twice)).toContain(hub.dataDir);
  });

  test("a member with wrong credentials, and one that is not there", async () => {
    const wrong = hub.kubeconfig.replace(/kubeconfig$/, "nowhere");
    const missing = await hub.drover("join", "m1", "--cluster-kubeconfig", wrong);
    expect(missing.code).toBe(1);
    expect(said(missing)).toContain(wrong);
    const gone = await hub.drover("join", "m1", "--cluster-kubeconfig", hub.kubeconfig, "--cluster-context", "absent");
    expect(gone.code).toBe(1);
    expect(said(gone)).toContain("absent");
    const server = await hub.kubectl("config", "view", "-o", "jsonpath={.clusters[0].cluster.server}");
    const file = join(hub.dataDir, "wrong-token.kubeconfig");
    const wrongToken = {
      clusters: [{ name: "m", cluster: { server, "insecure-skip-tls-verify": true } }],
      users: [{ name: "u", user: { token: "wrong" } }],
      contexts: [{ name: "m", context: { cluster: "m", user: "u" } }],
      "current-context": "m",
    };
    writeFileSync(file, JSON.stringify(wrongToken));
    const refused = await hub.drover("join", "m1", "--cluster-kubeconfig", file);
    expect(refused.code).toBe(1);
    expect(said(refused)).toMatch(/Unauthorized|credentials/i);
    expect((await hub.kubectl.run(["get", "clusters", "-o", "name"])).stdout).toBe("");
  });
});
