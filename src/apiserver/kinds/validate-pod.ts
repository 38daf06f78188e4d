import {
  compareQuantities,
  dns1123LabelProblems,
  duplicateValue,
  invalidValue,
  parseQuantity,
  requiredValue,
  type StatusCause,
  unsupportedValue,
} from "#machinery";
import { at, listAt, objectAt, textAt } from "../table/reading.ts";

export const protocols = ["SCTP", "TCP", "UDP"];
export const portRange = "must be between 1 and 65535, inclusive";
export const isPort = (value: unknown): boolean => typeof value === "number" && value >= 1 && value <= 65_535;

/** Containers and volumes of a Pod spec: names, images, ports, variables and mounts. */
export function validatePodSpec(spec: unknown, field: string): readonly StatusCause[] {
  const volumes = listAt(spec, "volumes");
  const containers = listAt(spec, "containers");
  const seen = new Set<string>();
  const names = new Set(volumes.map((volume) => textAt(volume, "name")));
  const each = (list: string): readonly StatusCause[] =>
    listAt(spec, list).flatMap((container, index) => {
      const place = `${field}.${list}[${index}]`;
      return [...nameCauses(container, `${place}.name`, seen), ...containerCauses(container, place, names)];
    });
  const volumeNames = new Set<string>();
  return [
    ...volumes.flatMap((volume, index) => nameCauses(volume, `${field}.volumes[${index}].name`, volumeNames)),
    ...(containers.length === 0 ? [requiredValue(`${field}.containers`)] : []),
    ...each("containers"),
    ...each("initContainers"),
  ];
}

/** Names are DNS labels and unique; those seen so far are kept in `seen`. */
function nameCauses(named: unknown, field: string, seen: Set<string>): readonly StatusCause[] {
  const name = textAt(named, "name");
  if (name === "") return [requiredValue(field)];
  const problems = dns1123LabelProblems(name);
  if (problems.length > 0) return problems.map((problem) => invalidValue(field, name, problem));
  if (seen.has(name)) return [duplicateValue(field, name)];
  seen.add(name);
  return [];
}

function containerCauses(container: unknown, field: string, volumes: ReadonlySet<string>): readonly StatusCause[] {
  const policy = textAt(container, "imagePullPolicy");
  const policies = ["Always", "IfNotPresent", "Never"];
  return [
    ...imageCauses(textAt(container, "image"), `${field}.image`),
    ...listAt(container, "ports").flatMap((port, index) => portCauses(port, `${field}.ports[${index}]`)),
    ...listAt(container, "env").flatMap((variable, index) => variableCauses(variable, `${field}.env[${index}]`)),
    ...listAt(container, "volumeMounts").flatMap((mount, index) =>
      mountCauses(mount, `${field}.volumeMounts[${index}]`, volumes),
    ),
    ...(policy === "" || policies.includes(policy)
      ? []
      : [unsupportedValue(`${field}.imagePullPolicy`, policy, policies)]),
    ...resourceCauses(objectAt(container, "resources"), `${field}.resources`),
  ];
}

function imageCauses(image: string, field: string): readonly StatusCause[] {
  if (image === "") return [requiredValue(field)];
  return image === image.trim() ? [] : [invalidValue(field, image, "must not have leading or trailing whitespace")];
}

function portCauses(port: unknown, field: string): readonly StatusCause[] {
  const number = at(port, "containerPort") ?? 0;
  const protocol = textAt(port, "protocol");
  const missing = number === 0 ? [requiredValue(`${field}.containerPort`)] : [];
  const wrong = number === 0 || isPort(number) ? [] : [invalidValue(`${field}.containerPort`, number, portRange)];
  const known = protocol === "" || protocols.includes(protocol);
  return [...missing, ...wrong, ...(known ? [] : [unsupportedValue(`${field}.protocol`, protocol, protocols)])];
}

function variableCauses(variable: unknown, field: string): readonly StatusCause[] {
  const name = textAt(variable, "name");
  if (name === "") return [requiredValue(`${field}.name`)];
  if (/^[ -<>-~]+$/.test(name)) return [];
  const text = "a valid environment variable name must consist only of printable ASCII characters other than '='";
  return [invalidValue(`${field}.name`, name, text)];
}

function mountCauses(mount: unknown, field: string, volumes: ReadonlySet<string>): readonly StatusCause[] {
  const name = textAt(mount, "name");
  const missing = volumes.has(name) || name === "";
  const absent: StatusCause = {
    reason: "FieldValueNotFound",
    message: `Not found: ${JSON.stringify(name)}`,
    field: `${field}.name`,
  };
  return [
    ...(name === "" ? [requiredValue(`${field}.name`)] : []),
    ...(missing ? [] : [absent]),
    ...(textAt(mount, "mountPath") === "" ? [requiredValue(`${field}.mountPath`)] : []),
  ];
}

function resourceCauses(resources: unknown, field: string): readonly StatusCause[] {
  const limits = objectAt(resources, "limits");
  const negative = ["limits", "requests"].flatMap((part) =>
    Object.entries(objectAt(resources, part)).flatMap(([name, amount]) =>
      negativeCauses(amount, `${field}.${part}[${name}]`),
    ),
  );
  const exceeding = Object.entries(objectAt(resources, "requests")).flatMap(([name, amount]) => {
    const [wanted, limit] = [parseQuantity(amount), parseQuantity(limits[name])];
    if (wanted === undefined || limit === undefined || compareQuantities(wanted, limit) <= 0) return [];
    return [
      invalidValue(
        `${field}.requests`,
        String(amount),
        `must be less than or equal to ${name} limit of ${limits[name]}`,
      ),
    ];
  });
  return [...negative, ...exceeding];
}

function negativeCauses(amount: unknown, field: string): readonly StatusCause[] {
  const quantity = parseQuantity(amount);
  if (quantity === undefined || quantity.digits >= 0n) return [];
  return [invalidValue(field, String(amount), "must be greater than or equal to 0")];
}
