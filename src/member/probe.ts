import { errorText } from "#base";
import type { ApiResponse, KubeClient } from "#client";

/** What a member's health endpoint said. `message` is for people; empty when healthy. */
export interface Probe {
  /** It answered, and let us in. */
  readonly online: boolean;
  readonly healthy: boolean;
  readonly message: string;
}

/** GET /readyz, or /healthz where that is not served. Never throws. */
export async function probeMember(client: Pick<KubeClient, "raw">, signal?: AbortSignal): Promise<Probe> {
  try {
    const readyz = await client.raw({ method: "GET", path: "/readyz" }, signal);
    return probeOf(readyz.status === 404 ? await client.raw({ method: "GET", path: "/healthz" }, signal) : readyz);
  } catch (error) {
    return { online: false, healthy: false, message: errorText(error) };
  }
}

function probeOf(answer: ApiResponse): Probe {
  if (answer.status === 200) return { online: true, healthy: true, message: "" };
  if (answer.status === 401)
    return { online: false, healthy: false, message: "the member does not accept the hub's credentials" };
  if (answer.status === 403)
    return { online: false, healthy: false, message: "the hub's account in the member lacks rights" };
  return { online: true, healthy: false, message: `the health endpoint answered ${answer.status}` };
}
