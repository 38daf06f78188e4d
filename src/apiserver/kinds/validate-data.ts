import { forbiddenField, invalidValue, type KubeObject, requiredValue, type StatusCause, tooLong } from "#machinery";
import { deepEqual } from "#machinery/patch";
import { objectAt, textAt } from "../table/reading.ts";

const maximumSize = 1_048_576;
const keyText =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

function keyProblems(key: string): readonly string[] {
  const problems = key.length > 253 ? ["must be no more than 253 characters"] : [];
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) problems.push(keyText);
  if (key === "." || key === "..") problems.push(`must not be '${key}'`);
  else if (key.startsWith("..")) problems.push("must not start with '..'");
  return problems;
}

const keyCauses = (field: string, data: object): readonly StatusCause[] =>
  Object.keys(data)
    .sort()
    .flatMap((key) => keyProblems(key).map((problem) => invalidValue(`${field}[${key}]`, key, problem)));

const textSize = (data: object): number =>
  Object.values(data).reduce<number>((sum, value) => sum + Buffer.byteLength(String(value)), 0);
const decodedSize = (data: object): number =>
  Object.values(data).reduce<number>((sum, value) => sum + Buffer.byteLength(String(value), "base64"), 0);

/** What `immutable: true` forbids. */
function immutableCauses(
  object: KubeObject,
  old: KubeObject | undefined,
  fields: readonly string[],
): readonly StatusCause[] {
  if (old?.immutable !== true) return [];
  const text = "field is immutable when `immutable` is set";
  const unset = object.immutable === true ? [] : [forbiddenField("immutable", text)];
  const changed = fields.filter((field) => !deepEqual(objectAt(object, field), objectAt(old, field)));
  return [...unset, ...changed.map((field) => forbiddenField(field, text))];
}

export function validateConfigMap(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  const data = objectAt(object, "data");
  const binary = objectAt(object, "binaryData");
  const both = Object.keys(data).filter((key) => Object.hasOwn(binary, key));
  return [
    ...immutableCauses(object, old, ["data", "binaryData"]),
    ...keyCauses("data", data),
    ...both.sort().map((key) => invalidValue(`data[${key}]`, key, "duplicate of key present in binaryData")),
    ...keyCauses("binaryData", binary),
    ...(textSize(data) + decodedSize(binary) > maximumSize ? [tooLong("[]", maximumSize)] : []),
  ];
}

export function validateSecret(object: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  const data = objectAt(object, "data");
  const moved = old !== undefined && object.type !== old.type;
  return [
    ...(moved ? [invalidValue("type", textAt(object, "type"), "field is immutable")] : []),
    ...immutableCauses(object, old, ["data"]),
    ...keyCauses("data", data),
    ...(decodedSize(data) > maximumSize ? [tooLong("data", maximumSize)] : []),
    ...typedSecretCauses(object),
  ];
}

/** Keys that a Secret's type asks for. */
const typedKeys: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/dockercfg": [".dockercfg"],
};
const accountAnnotation = "kubernetes.io/service-account.name";

function typedSecretCauses(object: KubeObject): readonly StatusCause[] {
  const type = textAt(object, "type");
  const data = objectAt(object, "data");
  const missing = (typedKeys[type] ?? []).filter((key) => !Object.hasOwn(data, key));
  const causes = missing.map((key) => requiredValue(`data[${key}]`));
  if (type === "kubernetes.io/basic-auth" && !Object.hasOwn(data, "username") && !Object.hasOwn(data, "password")) {
    return [requiredValue("data[username]"), requiredValue("data[password]")];
  }
  if (
    type === "kubernetes.io/service-account-token" &&
    (object.metadata.annotations?.[accountAnnotation] ?? "") === ""
  ) {
    return [requiredValue(`metadata.annotations[${accountAnnotation}]`)];
  }
  const document = type.startsWith("kubernetes.io/dockerc") ? typedKeys[type]?.[0] : undefined;
  return document === undefined || missing.length > 0 ? causes : jsonCauses(document, data[document]);
}

function jsonCauses(key: string, encoded: unknown): readonly StatusCause[] {
  const text = Buffer.from(String(encoded), "base64").toString();
  try {
    JSON.parse(text);
    return [];
  } catch {
    const first = text.trimStart().charAt(0);
    const why =
      first === "" ? "unexpected end of JSON input" : `invalid character '${first}' looking for beginning of value`;
    return [invalidValue(`data[${key}]`, "<secret contents redacted>", why)];
  }
}
