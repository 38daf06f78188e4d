import { type KubeObject, keyOf } from "#machinery";
import { types } from "../kinds.ts";
import type { TokenClaims } from "../tokens.ts";
import { ownKey } from "./owners.ts";
import type { Controller, World } from "./world.ts";

interface Secret extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

const tokenType = "kubernetes.io/service-account-token";
const accountAnnotation = "kubernetes.io/service-account.name";
const uidAnnotation = "kubernetes.io/service-account.uid";
const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Secrets that ask for the token of a ServiceAccount get it, and go with the account. */
export function tokenController(world: World, sign: (claims: TokenClaims) => string): Controller {
  const secrets = world.view<Secret>(types.secrets);
  const accounts = world.view(types.serviceAccounts);
  const accountKey = (secret: KubeObject): string =>
    `${secret.metadata.namespace}/${secret.metadata.annotations?.[accountAnnotation]}`;

  return {
    name: "tokens",
    sources: [
      { type: types.secrets, keys: (secret) => ((secret as Secret).type === tokenType ? ownKey(secret) : []) },
      {
        type: types.serviceAccounts,
        keys: (account) =>
          secrets
            .list(account.metadata.namespace)
            .filter((secret) => secret.type === tokenType && accountKey(secret) === keyOf(account))
            .map(keyOf),
      },
    ],
    reconcile: async (key) => {
      const secret = secrets.get(key);
      if (secret?.type !== tokenType || secret.metadata.deletionTimestamp !== undefined) return undefined;
      const account = accounts.get(accountKey(secret));
      const boundTo = secret.metadata.annotations?.[uidAnnotation];
      if (account === undefined || (boundTo !== undefined && boundTo !== account.metadata.uid)) {
        if (boundTo !== undefined) await secrets.remove(secret);
        return undefined;
      }
      if (secret.data?.token !== undefined) return undefined;
      const { namespace = "", name = "" } = secret.metadata;
      const uid = account.metadata.uid ?? "";
      const token = sign({ namespace, account: account.metadata.name ?? "", uid, secret: name });
      const data = {
        ...secret.data,
        "ca.crt": base64(world.options.caCertificate),
        namespace: base64(namespace),
        token: base64(token),
      };
      const annotations = { ...secret.metadata.annotations, [uidAnnotation]: uid };
      await secrets.update({ ...secret, metadata: { ...secret.metadata, annotations }, data });
      return undefined;
    },
  };
}
