/**
 * A simulated member cluster: our API server on memory storage with the behaviour of workloads, Services, claims and
 * the rest, rollouts included, so that a wrong takeover does replace Pods and a test sees it. It knows nothing of what
 * it judges: no interpreter, no manifest, no controller of ours.
 */
export type { Faults, RequestMatch, StatusFault } from "./front/faults.ts";
export type { RequestCount } from "./front/requests.ts";
export { wantedReplicasAnnotation } from "./lifecycle/scaling.ts";
export { readyAnnotation } from "./plan/kubelet.ts";
export type { PodRecord } from "./pod-ledger.ts";
export { type Sim, type SimOptions, simulatedVersion, startSim } from "./start.ts";
