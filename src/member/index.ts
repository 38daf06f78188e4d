/**
 * Live connections to member clusters, made from Cluster objects and their Secrets: one client with its own request window,
 * informers and catalogue each, so that a slow or dead member delays nobody. Also how a cluster joins and leaves.
 */
export type { Member, MemberHandler, Members } from "./contract.ts";
export {
  checkClusterName,
  type JoinOptions,
  type JoinPlan,
  type JoinStep,
  joinCluster,
  planJoin,
} from "./join/join.ts";
export { type CleanupStep, planUnjoin, type UnjoinOptions, type UnjoinPlan, unjoinCluster } from "./join/unjoin.ts";
export { clusterType, createMembers, type MembersDeps } from "./members.ts";
export { type Probe, probeMember } from "./probe.ts";
export {
  collectionFailedCondition,
  defaultThresholds,
  type Observation,
  type ReadyThresholds,
  readyConditionFor,
  settleReady,
} from "./ready.ts";
export { type RequestResult, RequestWindow, type WindowOptions } from "./window.ts";
