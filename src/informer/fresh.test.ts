import { expect, test } from "vitest";
import type { KubeObject } from "#machinery";
import { silentLogger } from "#runtime";
import { FreshView } from "./fresh.ts";
import { SharedInformer } from "./informer.ts";

const version = (resourceVersion: string, name = "settings"): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: "shop", name, uid: "u1", resourceVersion },
});

function viewed() {
  const informer = new SharedInformer({ group: "", version: "v1", resource: "configmaps" }, silentLogger);
  const view = new FreshView(informer);
  informer.replace([version("5")]);
  return { informer, view };
}

test("what was written shows until the informer has caught up", () => {
  const { informer, view } = viewed();
  view.wrote(version("7"));
  expect(view.get("shop/settings")?.metadata.resourceVersion).toBe("7");
  informer.apply({ type: "MODIFIED", object: version("7") });
  informer.apply({ type: "MODIFIED", object: version("8") });
  expect(view.get("shop/settings")?.metadata.resourceVersion).toBe("8");
});

test("an answer that comes after the watch has told of the object's end does not bring it back", () => {
  const { informer, view } = viewed();
  informer.apply({ type: "MODIFIED", object: version("7") });
  informer.apply({ type: "DELETED", object: version("8") });
  view.wrote(version("7"));
  expect(view.get("shop/settings")).toBeUndefined();
  view.wrote(version("9"));
  expect(view.get("shop/settings")?.metadata.resourceVersion).toBe("9");
});
