import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ApiServer, ServerRequest, ServerResponse } from "../contract.ts";
import { isMaster } from "../server/authorize.ts";
import { parseResourcePath, verbOf } from "../server/index.ts";

export interface Metrics {
  /** Called when a request arrives; the returned function when its answer is known. */
  begin(method: string, url: string): (answer: ServerResponse) => void;
  answer(request: ServerRequest): Promise<ServerResponse>;
}

const labels = ["verb", "group", "version", "resource", "subresource", "scope"] as const;

/** What kube-apiserver's dashboards read, for requests over TLS. */
export function createMetrics(apiServer: ApiServer): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const total = new Counter({
    name: "apiserver_request_total",
    help: "Requests by verb, resource and HTTP status.",
    labelNames: [...labels, "code"],
    registers,
  });
  const seconds = new Histogram({
    name: "apiserver_request_duration_seconds",
    help: "Time from a request to its answer; of a watch, to its first byte.",
    labelNames: labels,
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30],
    registers,
  });
  const inFlight = new Gauge({
    name: "apiserver_current_inflight_requests",
    help: "Requests being answered.",
    registers,
  });
  new Gauge({
    name: "drover_storage_revision",
    help: "The last revision the server has seen.",
    registers,
    collect() {
      this.set(apiServer.revision?.() ?? 0);
    },
  });
  return {
    begin(method, url) {
      const started = performance.now();
      inFlight.inc();
      return (answer) => {
        inFlight.dec();
        const of = labelsOf(method, url);
        total.inc({ ...of, code: answer.kind === "watch" ? 200 : answer.status });
        seconds.observe(of, (performance.now() - started) / 1000);
      };
    },
    async answer(request) {
      if (!isMaster(request.user)) return apiServer.handle(request);
      const text = await registry.metrics();
      const headers = { "content-type": registry.contentType };
      return { kind: "bytes", status: 200, headers, chunks: [Buffer.from(text)] };
    },
  };
}

function labelsOf(method: string, url: string): Record<(typeof labels)[number], string> {
  const [path = "/", search = ""] = url.split("?", 2);
  const place = parseResourcePath(path);
  if (place === undefined) return { verb: method, group: "", version: "", resource: "", subresource: "", scope: "" };
  const verb = verbOf({ method, query: new URLSearchParams(search) }, place).toUpperCase();
  const scope = place.name !== "" ? "resource" : place.namespace !== "" ? "namespace" : "cluster";
  const { group, version, resource, subresource } = place;
  return { verb, group, version, resource, subresource, scope };
}
