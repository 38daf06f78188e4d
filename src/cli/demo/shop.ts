import type { KubeObject } from "#machinery";

/** The four namespaces of the shop, all running in the first member before Drover comes. */
export const namespaces = ["shop", "payments", "catalog", "ops"] as const;

interface App {
  readonly namespace: string;
  readonly name: string;
  readonly replicas?: number;
  readonly image?: string;
  readonly service?: Record<string, unknown>;
}

/** One application: a Deployment that reads a ConfigMap, with its account and Service. */
function application(app: App): readonly KubeObject[] {
  const { namespace, name } = app;
  return [
    config(namespace, `${name}-config`, { LOG_LEVEL: "info", NAME: name }),
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name } },
    deployment(app),
    service(namespace, name, app.service),
  ];
}

function podTemplate(name: string, image: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    metadata: { labels: { app: name } },
    spec: {
      containers: [
        {
          name: "main",
          image,
          ports: [{ containerPort: 8080 }],
          resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { cpu: "1000m", memory: "256Mi" } },
        },
      ],
      ...more,
    },
  };
}

function deployment(app: App): KubeObject {
  const { namespace, name } = app;
  const template = podTemplate(name, app.image ?? `registry.example.com/${name}:1.4.2`, { serviceAccountName: name });
  const spec = template.spec as { containers: Record<string, unknown>[] };
  spec.containers = spec.containers.map((one) => ({ ...one, envFrom: [{ configMapRef: { name: `${name}-config` } }] }));
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace, name, labels: { app: name } },
    spec: { replicas: app.replicas ?? 2, selector: { matchLabels: { app: name } }, template },
  };
}

const service = (namespace: string, name: string, more: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { namespace, name },
  spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 8080 }], ...more },
});

const config = (namespace: string, name: string, data: Record<string, string>): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace, name },
  data,
});

const secret = (namespace: string, name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { namespace, name },
  type: "Opaque",
  stringData: { username: name, password: "correct horse battery staple" },
});

const claim = (namespace: string, name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { namespace, name },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
});

function shop(): readonly KubeObject[] {
  const namespace = "shop";
  return [
    ...application({ namespace, name: "web", service: { type: "NodePort" } }),
    ...application({ namespace, name: "cart" }),
    ...application({ namespace, name: "search" }),
    secret(namespace, "cart-db"),
    config(namespace, "feature-flags", { newCheckout: "false" }),
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { namespace, name: "web" },
      spec: {
        rules: [
          {
            host: "shop.example.com",
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { name: "http" } } } }],
            },
          },
        ],
      },
    },
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { namespace, name: "web" },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
        minReplicas: 4,
        maxReplicas: 8,
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
        ],
      },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { namespace, name: "cart" },
      spec: { minAvailable: 1, selector: { matchLabels: { app: "cart" } } },
    },
  ];
}

function payments(): readonly KubeObject[] {
  const namespace = "payments";
  return [
    ...application({ namespace, name: "checkout" }),
    ...application({ namespace, name: "invoices" }),
    ...application({ namespace, name: "fraud" }),
    secret(namespace, "checkout-keys"),
    secret(namespace, "invoices-db"),
    config(namespace, "currencies", { default: "EUR" }),
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { namespace, name: "read-secrets" },
      rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { namespace, name: "read-secrets" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "read-secrets" },
      subjects: [{ kind: "ServiceAccount", name: "checkout", namespace }],
    },
    {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { namespace, name: "settle" },
      spec: { schedule: "0 3 * * *", jobTemplate: { spec: { template: jobPod("settle") } } },
    },
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { namespace, name: "import-2026" },
      spec: { template: jobPod("import") },
    },
  ];
}

const jobPod = (name: string): Record<string, unknown> => ({
  spec: { restartPolicy: "Never", containers: [{ name, image: `registry.example.com/${name}:1` }] },
});

function catalog(): readonly KubeObject[] {
  const namespace = "catalog";
  return [
    ...application({ namespace, name: "browse" }),
    ...application({ namespace, name: "images" }),
    secret(namespace, "postgres"),
    claim(namespace, "image-cache"),
    config(namespace, "postgres-tuning", { max_connections: "200" }),
    service(namespace, "postgres", { clusterIP: "None" }),
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { namespace, name: "postgres" },
      spec: {
        serviceName: "postgres",
        replicas: 2,
        selector: { matchLabels: { app: "postgres" } },
        template: podTemplate("postgres", "registry.example.com/postgres:16"),
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "5Gi" } } },
          },
        ],
      },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { namespace, name: "postgres" },
      spec: { minAvailable: 1, selector: { matchLabels: { app: "postgres" } } },
    },
  ];
}

function ops(): readonly KubeObject[] {
  const namespace = "ops";
  const backup = (name: string, bytes: bigint): KubeObject => ({
    apiVersion: "shop.example.com/v1",
    kind: "Backup",
    metadata: { namespace, name },
    spec: { bucket: "shop-backups", bytes },
  });
  return [
    ...application({ namespace, name: "grafana" }),
    {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { namespace, name: "log-shipper" },
      spec: {
        selector: { matchLabels: { app: "log-shipper" } },
        template: podTemplate("log-shipper", "registry.example.com/log-shipper:3"),
      },
    },
    config(namespace, "log-routes", { default: "s3" }),
    config(namespace, "alerts", { pager: "on" }),
    secret(namespace, "s3"),
    claim(namespace, "grafana-data"),
    backup("nightly", 9_007_199_254_740_993n),
    backup("weekly", 42n),
  ];
}

/** The shop's own kind, which both members and the hub must know before its objects can be applied. */
export const backupCrd: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "backups.shop.example.com" },
  spec: {
    group: "shop.example.com",
    scope: "Namespaced",
    names: { plural: "backups", singular: "backup", kind: "Backup", listKind: "BackupList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: { bucket: { type: "string" }, bytes: { type: "integer", format: "int64" } },
              },
            },
          },
        },
      },
    ],
  },
};

/** Everything the shop consists of, namespaces and the CRD left out: the YAML its owners have in Git. */
export const manifests = (): readonly KubeObject[] => [...shop(), ...payments(), ...catalog(), ...ops()];

export const namespaceObject = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name },
});
