import { isJsonObject, type JsonObject } from "#base";
import type { KubeObject } from "#machinery";
import type { ServerResponse, User } from "../contract.ts";
import { decodeObject } from "../decode/index.ts";
import { parseWriteQuery } from "../registry/options.ts";
import { objectAnswer } from "../represent/index.ts";
import { isMaster, isOpenTo } from "./authorize.ts";
import { notAllowed, type ResourceRequest } from "./resource-request.ts";

type Review = (object: KubeObject, of: ResourceRequest) => KubeObject;

/** Questions that are asked by creating an object, answered in its status and never stored: who am I, may I, may somebody. */
const reviews: Readonly<Record<string, Review>> = {
  "authentication.k8s.io/selfsubjectreviews": (object, { target, rendering }) => {
    const { name, uid, groups, extra } = target.user;
    const userInfo = {
      username: name,
      ...(uid === undefined ? {} : { uid }),
      groups,
      ...(extra === undefined ? {} : { extra }),
    };
    const creationTimestamp = `${new Date(rendering.nowMs).toISOString().slice(0, 19)}Z`;
    return { ...object, metadata: { ...object.metadata, creationTimestamp }, status: { userInfo } };
  },
  "authorization.k8s.io/selfsubjectaccessreviews": (object, { target }) => accessReview(object, target.user),
  "authorization.k8s.io/subjectaccessreviews": (object) => accessReview(object, subjectOf(specOf(object))),
  "authorization.k8s.io/localsubjectaccessreviews": (object) => accessReview(object, subjectOf(specOf(object))),
  "authorization.k8s.io/selfsubjectrulesreviews": (object, { target }) => ({
    ...object,
    status: { incomplete: false, ...(isMaster(target.user) ? everything : discoveryOnly) },
  }),
};

const everything = {
  resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }],
  nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
};

const discoveryOnly = {
  resourceRules: [
    {
      verbs: ["create"],
      apiGroups: ["authorization.k8s.io"],
      resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
    },
    { verbs: ["create"], apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"] },
  ],
  nonResourceRules: [
    {
      verbs: ["get"],
      nonResourceURLs: [
        "/api",
        "/api/*",
        "/apis",
        "/apis/*",
        "/healthz",
        "/livez",
        "/openapi",
        "/openapi/*",
        "/readyz",
        "/version",
        "/version/",
      ],
    },
  ],
};

/** @throws StatusError 405 for anything but asking, and for kinds that nobody here answers. */
export function answerVirtual(of: ResourceRequest): ServerResponse {
  const { definition } = of.target;
  const review = reviews[`${definition.group}/${definition.resource}`];
  if (of.verb !== "create" || review === undefined) throw notAllowed();
  const { fieldValidation } = parseWriteQuery("CreateOptions", of.request.query);
  const object = decodeObject(of.request, of.target, fieldValidation);
  return objectAnswer(of.rendering, review(object, of), 201);
}

function accessReview(object: KubeObject, user: User): KubeObject {
  const path = specOf(object).nonResourceAttributes;
  const allowed = isMaster(user) || (isJsonObject(path) && isOpenTo(user, String(path.verb), String(path.path)));
  return { ...object, status: { allowed } };
}

const specOf = (object: KubeObject): JsonObject => (isJsonObject(object.spec) ? object.spec : {});

const subjectOf = (spec: JsonObject): User => ({
  name: String(spec.user ?? ""),
  groups: Array.isArray(spec.groups) ? spec.groups.map(String) : [],
});
