import type { Redis } from "ioredis";
import { UsageError } from "../diagnostics/index.js";
import { loadOptionalPackage } from "./optional-package.js";
import type { QueueAddress } from "./queue-address.js";

/** Tries of the first connection, about three seconds; one that is lost later is tried for ever. */
const FIRST_TRIES = 5;
const FIRST_WAIT = 100;
const LONGEST_WAIT = 5_000;

/** Replies of a Redis that lets nobody in. */
const REFUSAL = /^(?:WRONGPASS|NOAUTH|NOPERM|ERR invalid password|ERR AUTH|ERR Client sent AUTH)/;

/** Told when a connection is lost, and when it is there again: once each time. */
export type OnConnection = (state: "lost" | "back") => void;

/** A connection to a queue's Redis. */
export interface QueueConnection {
  readonly client: Redis;
  /** For messages: without credentials. */
  readonly shown: string;
  /** Whether what Redis holds is on its disk. */
  readonly isDurable: boolean;
  close(): Promise<void>;
}

/**
 * Connects to a queue's Redis.
 *
 * @throws UsageError where it is not there, lets nobody in, or would drop jobs when its memory is full
 */
export async function openQueueConnection(
  address: QueueAddress,
  onConnection: OnConnection,
): Promise<QueueConnection> {
  const { Redis } = loadOptionalPackage<typeof import("ioredis")>(
    "ioredis",
    "--queue",
    "needs BullMQ and a client of Redis",
    "Run: npm install bullmq ioredis",
  );
  const state = { isOpen: false, isLost: false, isClosed: false };
  const client = new Redis({
    ...address.options,
    lazyConnect: true,
    connectTimeout: LONGEST_WAIT,
    // Commands wait until the connection is there again.
    maxRetriesPerRequest: null,
    retryStrategy: (tries) =>
      state.isOpen || tries < FIRST_TRIES ? Math.min(FIRST_WAIT * 2 ** tries, LONGEST_WAIT) : null,
  });
  client.on("ready", () => {
    state.isOpen = true;
    if (state.isLost) onConnection("back");
    state.isLost = false;
  });
  client.on("close", () => {
    if (!state.isOpen || state.isLost || state.isClosed) return;
    state.isLost = true;
    onConnection("lost");
  });
  try {
    await connect(client, address.shown);
    const isDurable = await checkServer(client, address.shown);
    return {
      client,
      shown: address.shown,
      isDurable,
      close: async () => {
        state.isClosed = true;
        client.disconnect();
      },
    };
  } catch (error) {
    state.isClosed = true;
    client.disconnect();
    throw error;
  }
}

function connect(client: Redis, shown: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let reason = "no answer";
    client.on("error", (error: Error) => {
      // Of a reply the first word: what else it says may be anything.
      if (REFUSAL.test(error.message)) {
        const word = error.message.split(" ", 1)[0];
        const fix = "Give credentials in the URL, or as REDIS_USERNAME and REDIS_PASSWORD.";
        reject(new UsageError("--queue", `${shown} does not let us in (${word})`, fix));
      }
      reason = (error as NodeJS.ErrnoException).code ?? reason;
    });
    client.once("ready", resolve);
    client.once("end", () => reject(new UsageError("--queue", `${shown} cannot be reached (${reason})`)));
    // Its end is told by the events.
    client.connect().catch(() => undefined);
  });
}

async function checkServer(client: Redis, shown: string): Promise<boolean> {
  const info = await client.info();
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? "noeviction";
  if (policy !== "noeviction") {
    throw new UsageError(
      "--queue",
      `${shown} drops keys when its memory is full (maxmemory-policy ${policy}): jobs would be lost`,
      "Run: redis-cli config set maxmemory-policy noeviction",
    );
  }
  return !/^aof_enabled:0/m.test(info);
}

/** Whether an error says that the connection is lost, which {@link OnConnection} is told. */
export function isOfConnection(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return (
    ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"].includes(code ?? "") ||
    /connection is closed|stream isn't writeable/i.test(error.message)
  );
}
