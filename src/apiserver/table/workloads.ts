import type { KubeObject } from "#machinery";
import { ageOf, humanDuration } from "./duration.ts";
import { type KindColumns, table } from "./kind-columns.ts";
import {
  at,
  conditionOf,
  containerCells,
  labelsText,
  listAt,
  numberAt,
  orNone,
  selectorText,
  textAt,
} from "./reading.ts";

const age = (object: KubeObject, nowMs: number): string => ageOf(object.metadata.creationTimestamp, nowMs);

/** Kubernetes fills one in where a workload names no number; templates here are as they were written. */
const wantedReplicas = (object: KubeObject): number =>
  at(object, "spec", "replicas") === undefined ? 1 : numberAt(object, "spec", "replicas");

const template = (object: KubeObject): unknown => at(object, "spec", "template", "spec");

const replicated = (selector: (object: KubeObject) => string): KindColumns =>
  table("Desired:integer|Current:integer|Ready:integer|Age|[Containers]|[Images]|[Selector]", (object, nowMs) => [
    wantedReplicas(object),
    numberAt(object, "status", "replicas"),
    numberAt(object, "status", "readyReplicas"),
    age(object, nowMs),
    ...containerCells(template(object)),
    selector(object),
  ]);

const selectorOf = (object: KubeObject): string => selectorText(at(object, "spec", "selector"));

function jobStatus(job: KubeObject): string {
  const holds = (type: string): boolean => conditionOf(job, type)?.status === "True";
  if (holds("Complete")) return "Complete";
  if (holds("Failed")) return "Failed";
  if (job.metadata.deletionTimestamp !== undefined) return "Terminating";
  return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find(holds) ?? "Running";
}

function jobCompletions(job: KubeObject): string {
  const succeeded = numberAt(job, "status", "succeeded");
  if (at(job, "spec", "completions") !== undefined) return `${succeeded}/${numberAt(job, "spec", "completions")}`;
  const parallelism = numberAt(job, "spec", "parallelism");
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: KubeObject, nowMs: number): string {
  const start = Date.parse(textAt(job, "status", "startTime"));
  if (Number.isNaN(start)) return "";
  const end = Date.parse(textAt(job, "status", "completionTime"));
  return humanDuration((Number.isNaN(end) ? nowMs : end) - start);
}

export const workloadColumns: Readonly<Record<string, KindColumns>> = {
  "/podtemplates": table("Containers|Images|Pod Labels", (object) => [
    ...containerCells(at(object, "template", "spec")),
    labelsText(at(object, "template", "metadata", "labels")),
  ]),
  "/replicationcontrollers": replicated((object) => labelsText(at(object, "spec", "selector"))),
  "apps/replicasets": replicated(selectorOf),
  "apps/deployments": table("Ready|Up-to-date|Available|Age|[Containers]|[Images]|[Selector]", (object, nowMs) => [
    `${numberAt(object, "status", "readyReplicas")}/${wantedReplicas(object)}`,
    numberAt(object, "status", "updatedReplicas"),
    numberAt(object, "status", "availableReplicas"),
    age(object, nowMs),
    ...containerCells(template(object)),
    selectorOf(object),
  ]),
  "apps/statefulsets": table("Ready|Age|[Containers]|[Images]", (object, nowMs) => [
    `${numberAt(object, "status", "readyReplicas")}/${wantedReplicas(object)}`,
    age(object, nowMs),
    ...containerCells(template(object)),
  ]),
  "apps/daemonsets": table(
    "Desired:integer|Current:integer|Ready:integer|Up-to-date:integer|Available:integer|Node Selector|Age|[Containers]|[Images]|[Selector]",
    (object, nowMs) => [
      ...[
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
      ].map((field) => numberAt(object, "status", field)),
      labelsText(at(object, "spec", "template", "spec", "nodeSelector")),
      age(object, nowMs),
      ...containerCells(template(object)),
      selectorOf(object),
    ],
  ),
  "apps/controllerrevisions": table("Controller|Revision|Age", (object, nowMs) => {
    const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true);
    const group = owner === undefined || !owner.apiVersion.includes("/") ? "" : `.${owner.apiVersion.split("/")[0]}`;
    const controller = owner === undefined ? "<none>" : `${owner.kind.toLowerCase()}${group}/${owner.name}`;
    return [controller, numberAt(object, "revision"), age(object, nowMs)];
  }),
  "batch/jobs": table("Status|Completions|Duration|Age|[Containers]|[Images]|[Selector]", (object, nowMs) => [
    jobStatus(object),
    jobCompletions(object),
    jobDuration(object, nowMs),
    age(object, nowMs),
    ...containerCells(template(object)),
    selectorOf(object),
  ]),
  "batch/cronjobs": table(
    "Schedule|Timezone|Suspend|Active:integer|Last Schedule|Age|[Containers]|[Images]|[Selector]",
    (object, nowMs) => {
      const last = textAt(object, "status", "lastScheduleTime");
      return [
        textAt(object, "spec", "schedule"),
        orNone(textAt(object, "spec", "timeZone")),
        at(object, "spec", "suspend") === true ? "True" : "False",
        listAt(object, "status", "active").length,
        last === "" ? "<none>" : ageOf(last, nowMs),
        age(object, nowMs),
        ...containerCells(at(object, "spec", "jobTemplate", "spec", "template", "spec")),
        selectorText(at(object, "spec", "jobTemplate", "spec", "selector")),
      ];
    },
  ),
};
