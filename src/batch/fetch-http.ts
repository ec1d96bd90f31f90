import { get as getHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { get as getHttps } from "node:https";
import type { Readable } from "node:stream";
import { showLocation } from "./app-location.js";
import { FetchError } from "./fetch-error.js";

/** Redirections followed from one URL. */
const MOST_REDIRECTS = 5;

/** Digits of a length that is a number still. */
const LENGTH = /^\d{1,15}$/;

/** A file that begins to arrive. */
export interface Arriving {
  readonly body: Readable;
  /** In bytes, where the sender says. */
  readonly length: number | undefined;
}

/**
 * Asks for a URL and follows where it leads: a few redirections, none from https to http, and credentials go to the
 * place that they were given for alone.
 *
 * @throws FetchError for any answer but 200, Node's own errors where there is none
 */
export async function fetchHttp(start: URL, signal: AbortSignal): Promise<Arriving> {
  const shown = showLocation(start.href);
  let url = start;
  for (let redirects = 0; ; redirects++) {
    const response = await request(url, start, signal);
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) return arriving(response, shown);
    // What else it says is not read.
    response.destroy();
    if (![301, 302, 303, 307, 308].includes(statusCode)) throw statusError(statusCode, shown);
    if (redirects >= MOST_REDIRECTS) throw new FetchError("bad-answer", shown, "is redirected too often");
    url = redirected(headers.location, url, shown);
  }
}

function request(url: URL, start: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const options: RequestOptions = {
    signal,
    headers: { accept: "*/*", "accept-encoding": "identity", "user-agent": "bycatch" },
  };
  if (url.origin === start.origin && start.username !== "") {
    options.auth = `${decodeCredential(start.username, start)}:${decodeCredential(start.password, start)}`;
  }
  const plain = new URL(url);
  plain.username = plain.password = "";
  return new Promise((resolve, reject) => {
    (url.protocol === "https:" ? getHttps : getHttp)(plain, options, resolve).on("error", reject);
  });
}

function decodeCredential(text: string, start: URL): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new FetchError(
      "not-allowed",
      showLocation(start.href),
      "has credentials that are not encoded as a URL's",
    );
  }
}

function arriving(response: IncomingMessage, shown: string): Arriving {
  const { "content-length": length, "content-encoding": encoding = "identity" } = response.headers;
  if (encoding !== "identity") {
    response.destroy();
    throw new FetchError("bad-answer", shown, "is sent in an encoding that was not asked for");
  }
  return { body: response, length: length !== undefined && LENGTH.test(length) ? Number(length) : undefined };
}

function redirected(location: string | undefined, from: URL, shown: string): URL {
  if (location === undefined || !URL.canParse(location, from.href)) {
    throw new FetchError("bad-answer", shown, "is redirected to no URL");
  }
  const url = new URL(location, from.href);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && from.protocol === "http:")) {
    throw new FetchError(
      "not-allowed",
      shown,
      `is redirected from ${from.protocol.slice(0, -1)} to another scheme`,
    );
  }
  return url;
}

function statusError(status: number, shown: string): FetchError {
  if (status === 404 || status === 410)
    return new FetchError("not-found", shown, `the server has none (${status})`);
  if (status === 408 || status === 429 || status >= 500) {
    return new FetchError("server", shown, `the server cannot give it now (${status})`);
  }
  if (status >= 400) return new FetchError("refused", shown, `the server does not give it (${status})`);
  return new FetchError("bad-answer", shown, `the server answered ${status}`);
}
