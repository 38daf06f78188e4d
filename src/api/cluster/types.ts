import type { Condition, KubeObject } from "#machinery";

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
  readonly timeAdded?: string;
}

export interface LocalSecretReference {
  readonly namespace: string;
  readonly name: string;
}

export interface ApiEnablement {
  readonly groupVersion: string;
  readonly resources?: readonly { readonly name: string; readonly kind: string }[];
}

/** cluster.karmada.io/v1alpha1: one registered member. */
export interface Cluster extends KubeObject {
  readonly spec: {
    readonly id?: string;
    readonly syncMode: "Push" | "Pull";
    readonly apiEndpoint?: string;
    readonly secretRef?: LocalSecretReference;
    readonly impersonatorSecretRef?: LocalSecretReference;
    readonly insecureSkipTLSVerification?: boolean;
    readonly proxyURL?: string;
    readonly proxyHeader?: Readonly<Record<string, string>>;
    readonly provider?: string;
    readonly region?: string;
    readonly zone?: string;
    readonly zones?: readonly string[];
    readonly taints?: readonly Taint[];
    readonly resourceModels?: readonly {
      readonly grade: number;
      readonly ranges: readonly { readonly name: string; readonly min: string; readonly max: string }[];
    }[];
  };
  readonly status?: {
    readonly kubernetesVersion?: string;
    readonly apiEnablements?: readonly ApiEnablement[];
    readonly conditions?: readonly Condition[];
    readonly nodeSummary?: { readonly totalNum?: number; readonly readyNum?: number };
    readonly resourceSummary?: {
      readonly allocatable?: Readonly<Record<string, string>>;
      readonly allocating?: Readonly<Record<string, string>>;
      readonly allocated?: Readonly<Record<string, string>>;
      readonly allocatableModelings?: readonly { readonly grade: number; readonly count: number }[];
    };
    readonly remedyActions?: readonly string[];
  };
}
