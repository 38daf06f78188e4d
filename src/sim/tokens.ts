import { createHmac, randomBytes } from "node:crypto";
import type { User } from "#apiserver";

/** Whom a ServiceAccount's token speaks for, and the Secret that holds it. */
export interface TokenClaims {
  readonly namespace: string;
  readonly account: string;
  readonly uid: string;
  readonly secret: string;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/**
 * Signs and checks the tokens of ServiceAccounts. Rights are not simulated: whoever has a token may do everything, as the
 * accounts that a control plane makes for itself may.
 */
export class TokenSigner {
  readonly #key = randomBytes(32);

  sign({ namespace, account, uid, secret }: TokenClaims): string {
    const claims = {
      iss: "kubernetes/serviceaccount",
      "kubernetes.io/serviceaccount/namespace": namespace,
      "kubernetes.io/serviceaccount/secret.name": secret,
      "kubernetes.io/serviceaccount/service-account.name": account,
      "kubernetes.io/serviceaccount/service-account.uid": uid,
      sub: `system:serviceaccount:${namespace}:${account}`,
    };
    const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
    return `${text}.${this.#signature(text)}`;
  }

  /** What a token says, where it is one of ours. */
  read(token: string): TokenClaims | undefined {
    const [head = "", body = "", signature = ""] = token.split(".");
    if (signature !== this.#signature(`${head}.${body}`)) return undefined;
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as Record<string, string>;
    const claim = (name: string): string => claims[`kubernetes.io/serviceaccount/${name}`] ?? "";
    return {
      namespace: claim("namespace"),
      account: claim("service-account.name"),
      uid: claim("service-account.uid"),
      secret: claim("secret.name"),
    };
  }

  #signature(text: string): string {
    return createHmac("sha256", this.#key).update(text).digest("base64url");
  }
}

export function userOf({ namespace, account, uid }: TokenClaims): User {
  return {
    name: `system:serviceaccount:${namespace}:${account}`,
    uid,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated", "system:masters"],
  };
}
