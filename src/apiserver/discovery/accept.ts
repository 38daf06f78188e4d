/** Which form of discovery an Accept header asks for, in the order of its weights. */
export type DiscoveryForm = "aggregated" | "plain" | "none";

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly weight: number;
}

function rangesOf(accept: string): readonly MediaRange[] {
  const ranges = accept.split(",").map((text) => {
    const [type = "", ...rest] = text.split(";").map((part) => part.trim());
    const parameters = new Map(rest.map((part) => part.split("=", 2) as [string, string]));
    return { type: type.toLowerCase(), parameters, weight: Number(parameters.get("q") ?? 1) };
  });
  return ranges.filter((range) => range.type !== "").sort((a, b) => b.weight - a.weight);
}

/** An unknown `as` is passed over; where nothing else is asked for, nothing is acceptable. */
export function discoveryForm(accept: string | undefined): DiscoveryForm {
  const ranges = rangesOf(accept ?? "");
  if (ranges.length === 0) return "plain";
  for (const { type, parameters } of ranges) {
    const as = parameters.get("as");
    if (as === undefined) return "plain";
    const known = as === "APIGroupDiscoveryList" && parameters.get("g") === "apidiscovery.k8s.io";
    if (known && parameters.get("v") === "v2" && type === "application/json") return "aggregated";
  }
  return "none";
}
