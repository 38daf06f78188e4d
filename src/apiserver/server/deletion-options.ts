import { isJsonObject } from "#base";
import { badRequest, type StatusCause, StatusError } from "#machinery";
import type { ServerRequest } from "../contract.ts";
import { parseBody } from "../decode/index.ts";
import { typeNode } from "../kinds/index.ts";
import type { DeletionOptions } from "../registry/delete.ts";
import { dryRunCauses, isTrue, refuseOptions } from "../registry/options.ts";

const policies = ["Foreground", "Background", "Orphan"];

/** DeleteOptions come in the body or, where there is none, in the query. */
export function parseDeletionOptions(request: ServerRequest): DeletionOptions & { readonly dryRun: boolean } {
  const fields = bodyFields(request) ?? queryFields(request.query);
  const dryRun = listOf(fields.dryRun).map(String);
  const grace = fields.gracePeriodSeconds;
  if (grace !== undefined && grace !== null && typeof grace !== "number") {
    throw badRequest(
      `json: cannot unmarshal ${typeof grace} into Go struct field DeleteOptions.gracePeriodSeconds of type int64`,
    );
  }
  refuseOptions("DeleteOptions", [...policyCauses(fields), ...dryRunCauses(dryRun)]);
  const preconditions = isJsonObject(fields.preconditions) ? fields.preconditions : {};
  const policy = fields.propagationPolicy ?? orphanPolicy(fields.orphanDependents);
  return {
    dryRun: dryRun.length > 0,
    ...(policy === undefined || policy === null || policy === ""
      ? {}
      : { propagationPolicy: policy as NonNullable<DeletionOptions["propagationPolicy"]> }),
    preconditions: {
      ...(typeof preconditions.uid === "string" ? { uid: preconditions.uid } : {}),
      ...(typeof preconditions.resourceVersion === "string" ? { resourceVersion: preconditions.resourceVersion } : {}),
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const optionsType = () => typeNode("meta/v1.DeleteOptions");

function bodyFields(request: ServerRequest): Fields | undefined {
  const { body } = request;
  if (body === undefined || (body.kind === "bytes" && body.bytes.length === 0)) return undefined;
  const { value } = parseBody(request, (why) => badRequest(`couldn't get version/kind; ${why}`), optionsType());
  if (!isJsonObject(value)) return undefined;
  const { kind = "DeleteOptions", apiVersion = "v1" } = value;
  if (kind !== "DeleteOptions") {
    const scheme = `in scheme "pkg/apis/meta/internalversion/scheme/register.go:27"`;
    throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}" ${scheme}`);
  }
  return value;
}

function queryFields(query: URLSearchParams): Fields {
  const grace = query.get("gracePeriodSeconds");
  if (grace !== null && grace !== "" && !/^[+-]?\d+$/.test(grace)) {
    throw new StatusError(400, "BadRequest", `strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  }
  const orphan = query.get("orphanDependents");
  return {
    propagationPolicy: query.get("propagationPolicy") ?? undefined,
    dryRun: query.getAll("dryRun"),
    ...(grace === null || grace === "" ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(orphan === null ? {} : { orphanDependents: isTrue(orphan) }),
  };
}

const orphanPolicy = (orphan: unknown): string | undefined =>
  orphan === undefined || orphan === null ? undefined : orphan === true ? "Orphan" : "Background";

function policyCauses(fields: Fields): readonly StatusCause[] {
  const { propagationPolicy: policy, orphanDependents } = fields;
  const field = "propagationPolicy";
  if (policy === undefined || policy === null) return [];
  if (orphanDependents !== undefined && orphanDependents !== null) {
    const message = `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`;
    return [{ reason: "FieldValueInvalid", message, field }];
  }
  if (policies.includes(String(policy))) return [];
  const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`;
  return [{ reason: "FieldValueNotSupported", message, field }];
}
