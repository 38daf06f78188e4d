import { parentPort, workerData } from "node:worker_threads";
import { Database } from "./database.ts";
import { type Operation, type Reply, type WorkerOptions, wireErrorFrom } from "./messages.ts";

/** The thread that owns the file. Answers each batch of operations with one batch of replies, after its commit. */
function serve(): void {
  const port = parentPort;
  if (port === null) throw new Error("this file runs as a worker thread only");
  let database: Database;
  try {
    database = Database.open(workerData as WorkerOptions);
  } catch (error) {
    port.postMessage({ opened: false, error: wireErrorFrom(error) });
    return;
  }
  port.postMessage({ opened: true, revision: database.revision });
  port.on("message", (batch: readonly Operation[]) => {
    const replies: readonly Reply[] = database.run(batch);
    port.postMessage(replies);
    if (batch.some((operation) => operation.op === "close")) port.close();
  });
}

serve();
