import type { Clock } from "#base";
import type { ApiCatalogue, ApiResource, KubeClient } from "#client";
import { type GroupVersionKind, groupVersionText, gvkText } from "#machinery";

/** A kind that was not found is looked for again after this long, not sooner. */
const missPauseMs = 5000;

/** What one member serves. Concurrent readers share one discovery. */
export class Catalogue {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  #current: ApiCatalogue | undefined;
  #byKind = new Map<string, ApiResource>();
  #reading: Promise<ApiCatalogue> | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(client: KubeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  get current(): ApiCatalogue | undefined {
    return this.#current;
  }

  resourceFor(gvk: GroupVersionKind): ApiResource | undefined {
    return this.#byKind.get(gvkText(gvk));
  }

  async findResource(gvk: GroupVersionKind): Promise<ApiResource | undefined> {
    const known = this.resourceFor(gvk);
    if (known !== undefined || this.#clock.monotonicMs() - this.#readAtMs < missPauseMs) return known;
    await this.refresh();
    return this.resourceFor(gvk);
  }

  refresh(): Promise<ApiCatalogue> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Group-versions whose documents could not be read keep what was known of them. */
  async #read(): Promise<ApiCatalogue> {
    const found = await this.#client.discover();
    const kept = (this.#current?.resources ?? []).filter((resource) =>
      found.partial.includes(groupVersionText(resource)),
    );
    const known = new Set(found.resources.map(gvkText));
    const resources = [...found.resources, ...kept.filter((resource) => !known.has(gvkText(resource)))];
    this.#current = { resources, partial: found.partial };
    this.#byKind = new Map(resources.toReversed().map((resource) => [gvkText(resource), resource]));
    this.#readAtMs = this.#clock.monotonicMs();
    return this.#current;
  }
}
