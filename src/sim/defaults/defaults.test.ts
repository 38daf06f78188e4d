import { expect, test } from "vitest";
import type { KubeObject } from "#machinery";
import { canonicalQuantity } from "./fill.ts";
import { completed } from "./index.ts";
import { pullPolicyFor } from "./pod-spec.ts";

test("quantities are written back in their shortest exact form", () => {
  const pairs = {
    "1000m": "1",
    "0.5": "500m",
    "1024Mi": "1Gi",
    "1536Mi": "1536Mi",
    "0.5Gi": "512Mi",
    "1000": "1k",
    "128Mi": "128Mi",
  };
  expect(Object.fromEntries(Object.keys(pairs).map((text) => [text, canonicalQuantity(text)]))).toEqual(pairs);
});

test("an image is pulled each time only when its tag is latest or absent", () => {
  expect(["a", "a:latest", "a:1", "host:5000/a", "host:5000/a:1", "a@sha256:0"].map(pullPolicyFor)).toEqual([
    "Always",
    "Always",
    "IfNotPresent",
    "Always",
    "IfNotPresent",
    "IfNotPresent",
  ]);
});

const terse: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "web", image: "web:1", ports: [{ containerPort: 80 }] }] },
    },
  },
};

test("a terse Deployment is completed as an API server completes it", () => {
  expect(completed(terse).spec).toEqual({
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        containers: [
          {
            name: "web",
            image: "web:1",
            ports: [{ containerPort: 80, protocol: "TCP" }],
            resources: {},
            terminationMessagePath: "/dev/termination-log",
            terminationMessagePolicy: "File",
            imagePullPolicy: "IfNotPresent",
          },
        ],
        restartPolicy: "Always",
        terminationGracePeriodSeconds: 30,
        dnsPolicy: "ClusterFirst",
        securityContext: {},
        schedulerName: "default-scheduler",
      },
    },
  });
});

test("completing what is complete changes nothing", () => {
  expect(completed(completed(terse))).toEqual(completed(terse));
});
