import type { KubeClient } from "#client";
import { isAlreadyExists } from "#machinery";
import { type Node, timeText, types } from "../kinds.ts";

export interface NodeOptions {
  readonly count: number;
  readonly version: string;
  readonly nowMs: number;
}

/** Registers the nodes `node-1` and on, Ready and with room for more Pods than a test will make. */
export async function registerNodes(client: KubeClient, options: NodeOptions): Promise<void> {
  for (let index = 0; index < options.count; index++) {
    const name = `node-${index + 1}`;
    const node = await createNode(client, name, index);
    if (node !== undefined)
      await client.update(
        types.nodes,
        { ...node, status: nodeStatus(name, index, options) },
        { subresource: "status" },
      );
  }
}

async function createNode(client: KubeClient, name: string, index: number): Promise<Node | undefined> {
  const labels = {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    "beta.kubernetes.io/os": "linux",
    "beta.kubernetes.io/arch": "amd64",
  };
  const podCIDR = `10.244.${index}.0/24`;
  try {
    return await client.create<Node>(types.nodes, {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, labels },
      spec: { podCIDR, podCIDRs: [podCIDR] } as Node["spec"] & object,
    });
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    throw error;
  }
}

function nodeStatus(name: string, index: number, { version, nowMs }: NodeOptions): unknown {
  const at = timeText(nowMs);
  const room = { cpu: "64", memory: "256Gi", pods: "30000", "ephemeral-storage": "1Ti" };
  const condition = (type: string, status: string, reason: string, message: string): unknown => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  });
  return {
    capacity: room,
    allocatable: room,
    addresses: [
      { type: "InternalIP", address: `127.0.1.${index + 1}` },
      { type: "Hostname", address: name },
    ],
    conditions: [
      condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
      condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
      condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
      condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: "amd64",
      bootID: "",
      containerRuntimeVersion: "simulated://1",
      kernelVersion: "simulated",
      kubeProxyVersion: version,
      kubeletVersion: version,
      machineID: name,
      operatingSystem: "linux",
      osImage: "Drover simulator",
      systemUUID: name,
    },
  };
}
