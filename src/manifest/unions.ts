import type { JsonObject } from "#base";
import type { Place } from "./meaning.ts";

/** Fields of which an object may have one only; `*` with exceptions means every other field. */
interface Union {
  readonly at: RegExp;
  readonly members: readonly string[] | { readonly allBut: readonly string[] };
}

const unions: readonly Union[] = [
  { at: /\.spec\.volumes$/, members: { allBut: ["name"] } },
  { at: /(Probe|\.postStart|\.preStop)$/, members: ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] },
  { at: /\.env$/, members: ["value", "valueFrom"] },
  { at: /\.valueFrom$/, members: { allBut: [] } },
];

/** Live fields that cannot stay beside what is desired: setting a Secret volume ends the ConfigMap volume of that name. */
export function displacedFields(place: Place, desired: JsonObject, live: JsonObject): ReadonlySet<string> {
  if (/^spec\.(strategy|updateStrategy)$/.test(place.schema)) {
    const changes = desired.type !== undefined && desired.type !== live.type && live.type !== undefined;
    return new Set(changes && desired.rollingUpdate === undefined ? ["rollingUpdate"] : []);
  }
  const union = unions.find(({ at }) => at.test(place.schema));
  if (union === undefined) return new Set();
  const { members } = union;
  const isMember = (key: string): boolean =>
    "allBut" in members ? !members.allBut.includes(key) : members.includes(key);
  const given = (object: JsonObject): readonly string[] =>
    Object.keys(object).filter((key) => isMember(key) && object[key] !== undefined && object[key] !== null);
  const wanted = given(desired);
  return new Set(wanted.length === 0 ? [] : given(live).filter((key) => !wanted.includes(key)));
}
