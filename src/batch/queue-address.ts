import { UsageError } from "../diagnostics/index.js";

/** Where a queue's Redis is. */
export interface QueueAddress {
  /** For messages: without credentials. */
  readonly shown: string;
  readonly options: {
    readonly host: string;
    readonly port: number;
    readonly db: number;
    readonly username?: string;
    readonly password?: string;
    readonly tls?: Record<string, never>;
  };
}

/** Credentials that stand beside the URL; those in it go before. */
export interface QueueCredentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

const FORM = "Write it like redis://host:6379/0, or rediss://… for TLS.";

/**
 * Parses the URL of a queue: `redis://[user[:password]@]host[:port][/database]`, or `rediss://` for TLS.
 *
 * @throws UsageError that quotes nothing of it but what `shown` would hold
 */
export function parseQueueUrl(text: string, beside: QueueCredentials = {}): QueueAddress {
  if (!/^rediss?:\/\//i.test(text)) throw new UsageError("--queue", "is no URL of a Redis", FORM);
  if (!URL.canParse(text)) throw new UsageError("--queue", "is no URL that can be understood", FORM);
  const url = new URL(text);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const db = /^\/?(\d{0,4})$/.exec(url.pathname)?.[1];
  if (host === "") throw new UsageError("--queue", "names no host", FORM);
  if (db === undefined) throw new UsageError("--queue", "has a path that is no number of a database", FORM);
  if (url.search !== "" || url.hash !== "")
    throw new UsageError("--queue", "has more than a URL of a Redis has", FORM);
  const port = url.port === "" ? 6379 : Number(url.port);
  const username = decode(url.username) || beside.username;
  const password = decode(url.password) || beside.password;
  return {
    shown: `${url.protocol}//${url.hostname}:${port}/${Number(db)}`,
    options: {
      host,
      port,
      db: Number(db),
      ...(username ? { username } : {}),
      ...(password ? { password } : {}),
      ...(url.protocol === "rediss:" ? { tls: {} } : {}),
    },
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new UsageError("--queue", "has credentials with a % that encodes nothing", "Write % as %25.");
  }
}
