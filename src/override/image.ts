import type { ImageOverrider } from "#api/policy";

interface Image {
  readonly registry: string;
  readonly repository: string;
  /** With its separator: `:1.2` or `@sha256:...`; empty where the image has none. */
  readonly suffix: string;
}

/** The first part is a registry only where it has a dot, a port or is `localhost`, as container runtimes read it. */
function parseImage(text: string): Image {
  const digest = text.indexOf("@");
  const colon = text.lastIndexOf(":");
  const cut = digest >= 0 ? digest : colon > text.lastIndexOf("/") ? colon : text.length;
  const name = text.slice(0, cut);
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const hasRegistry = first.includes(".") || first.includes(":") || first === "localhost";
  return {
    registry: hasRegistry ? first : "",
    repository: hasRegistry ? name.slice(slash + 1) : name,
    suffix: text.slice(cut),
  };
}

const imageText = ({ registry, repository, suffix }: Image): string =>
  `${registry === "" ? "" : `${registry}/`}${repository}${suffix}`;

const tag = /^[\w][\w.-]{0,127}$/;
const digest = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

function suffixAfter(suffix: string, { operator, value = "" }: ImageOverrider): string {
  if (operator === "remove") return "";
  if (operator === "add") return suffix === "" ? `:${value}` : `${suffix}${value}`;
  if (digest.test(value)) return `@${value}`;
  return tag.test(value) ? `:${value}` : suffix;
}

function partAfter(part: string, { operator, value = "" }: ImageOverrider): string {
  if (operator === "remove") return "";
  return operator === "add" ? `${part}${value}` : value;
}

/** One image with one part of it changed. */
export function overrideImage(text: string, overrider: ImageOverrider): string {
  const image = parseImage(text);
  switch (overrider.component) {
    case "Registry":
      return imageText({ ...image, registry: partAfter(image.registry, overrider) });
    case "Repository":
      return imageText({ ...image, repository: partAfter(image.repository, overrider) });
    case "Tag":
      return imageText({ ...image, suffix: suffixAfter(image.suffix, overrider) });
  }
}
