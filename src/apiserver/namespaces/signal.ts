/** Wakes one waiter; a wake while nobody waits is remembered. */
export class Signal {
  #set = false;
  #wake: () => void = () => {};
  readonly #stop: AbortSignal;

  constructor(stop: AbortSignal) {
    this.#stop = stop;
    stop.addEventListener("abort", () => this.set());
  }

  set(): void {
    this.#set = true;
    this.#wake();
  }

  async wait(): Promise<void> {
    if (!this.#set && !this.#stop.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#set = false;
  }
}
