import { isAlreadyExists, type KubeObject } from "#machinery";
import { types } from "../kinds.ts";
import { ownKey } from "./owners.ts";
import type { View } from "./view.ts";
import type { Controller, World } from "./world.ts";

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

const rootCertificate = "kube-root-ca.crt";

/** What every namespace is given: the ServiceAccount `default` and the cluster's certificate. */
export function namespaceController(world: World): Controller {
  const namespaces = world.view(types.namespaces);
  const accounts = world.view(types.serviceAccounts);
  const configMaps = world.view<ConfigMap>(types.configMaps);
  const data = { "ca.crt": world.options.caCertificate };

  return {
    name: "namespaces",
    sources: [
      { type: types.namespaces, keys: ownKey },
      {
        type: types.serviceAccounts,
        keys: ({ metadata }) => (metadata.name === "default" ? [metadata.namespace ?? ""] : []),
      },
      {
        type: types.configMaps,
        keys: ({ metadata }) => (metadata.name === rootCertificate ? [metadata.namespace ?? ""] : []),
      },
    ],
    reconcile: async (name) => {
      const namespace = namespaces.get(name);
      if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return undefined;
      const metadata = { namespace: name };
      await ensure(accounts, { apiVersion: "v1", kind: "ServiceAccount", metadata: { ...metadata, name: "default" } });
      const annotations = {
        "kubernetes.io/description":
          "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
      };
      const wanted = { ...metadata, name: rootCertificate, annotations };
      const present = configMaps.get(`${name}/${rootCertificate}`);
      if (present === undefined) {
        await ensure(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: wanted, data });
      } else if (present.data?.["ca.crt"] !== data["ca.crt"]) {
        await configMaps.update({ ...present, data });
      }
      return undefined;
    },
  };
}

async function ensure<T extends KubeObject>(view: View<T>, object: T): Promise<void> {
  if (view.get(`${object.metadata.namespace}/${object.metadata.name}`) !== undefined) return;
  try {
    await view.create(object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
