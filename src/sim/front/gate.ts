import { connect, createServer, type Server, type Socket } from "node:net";
import type { Connections } from "./faults.ts";

/** The port that clients know: passes bytes on to the server behind it, unless told to refuse or to break connections. */
export class Gate implements Connections {
  readonly #target: () => number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port: number;

  /** @param port 0 chooses a free one. */
  constructor(port: number, target: () => number) {
    this.#port = port;
    this.#target = target;
  }

  get port(): number {
    return this.#port;
  }

  async accept(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer({ noDelay: true }, (socket) => this.#pass(socket));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
    this.#server = server;
  }

  async refuse(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.resetAll();
    await closed;
  }

  resetAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }

  #pass(client: Socket): void {
    const server = connect({ port: this.#target(), host: "127.0.0.1", noDelay: true });
    const sockets = [client, server];
    for (const socket of sockets) {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        for (const other of sockets) other.destroy();
      });
    }
    client.pipe(server).pipe(client);
  }
}
