import { StatusError } from "#machinery";

/** How an answer is to look. */
export interface Representation {
  readonly form: "plain" | "table" | "partial" | "partialList";
  readonly media: "json" | "yaml";
}

const plain: Representation = { form: "plain", media: "json" };
const forms: Readonly<Record<string, Representation["form"]>> = {
  Table: "table",
  PartialObjectMetadata: "partial",
  PartialObjectMetadataList: "partialList",
};

/** The first of the accepted media types that can be answered. @throws StatusError 406 where there is none. */
export function negotiate(accept: string | undefined, origin: "builtin" | "custom"): Representation {
  if (accept === undefined || accept.trim() === "") return plain;
  const ranges = accept.split(",").map(parseRange);
  const byQuality = ranges.toSorted((a, b) => b.quality - a.quality);
  for (const range of byQuality) {
    const found = representationFor(range);
    if (found !== undefined) return found;
  }
  throw notAcceptable(ranges, origin);
}

interface MediaRange {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

function parseRange(text: string): MediaRange {
  const [type = "", ...rest] = text.split(";").map((part) => part.trim());
  const parameters = Object.fromEntries(
    rest.map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
    }),
  );
  const quality = parameters.q === undefined ? 1 : Number(parameters.q);
  return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality };
}

function representationFor({ type, parameters }: MediaRange): Representation | undefined {
  const media =
    type === "application/yaml" ? "yaml" : type === "application/json" || type === "*/*" ? "json" : undefined;
  if (media === undefined) return undefined;
  const { as, g, v } = parameters;
  if (as === undefined) return { form: "plain", media };
  const form = forms[as];
  return form !== undefined && g === "meta.k8s.io" && v === "v1" ? { form, media } : undefined;
}

const known = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

function notAcceptable(ranges: readonly MediaRange[], origin: "builtin" | "custom"): StatusError {
  const asked = ranges.some((range) => range.parameters.as !== undefined || range.type.startsWith("application/"));
  return origin === "builtin" && !asked
    ? new StatusError(406, "NotAcceptable", `406: Not Acceptable\n\nAvailable representations: ${known}`, {})
    : new StatusError(406, "NotAcceptable", `only the following media types are accepted: ${known}`);
}
