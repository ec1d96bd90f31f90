import { UsageError } from "../diagnostics/index.js";

/** Where an app's file is. */
export type AppLocation =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "http"; readonly url: URL }
  | { readonly kind: "s3"; readonly bucket: string; readonly key: string };

const SCHEME = /^([a-z][a-z0-9+.-]+):[/\\]{2}/i;
const S3_URL = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,254})(?:\/(.*))?$/is;

/** Whether a text names a place by URL; else it is a path. */
export function isUrl(text: string): boolean {
  return SCHEME.test(text);
}

/**
 * Parses where an app is: `http://…`, `https://…`, `s3://bucket/key`, or a path.
 *
 * @throws UsageError for another scheme, and for a URL that is none; it quotes no credentials
 */
export function parseLocation(text: string): AppLocation {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return { kind: "file", path: text };
  const shown = showLocation(text);
  if (scheme === "s3") {
    const { bucket, key } = parseBucketUrl(text);
    if (key === "") throw new UsageError(shown, "names a bucket and no key in it");
    return { kind: "s3", bucket, key };
  }
  if (scheme !== "http" && scheme !== "https") {
    throw new UsageError(
      shown,
      "is of no scheme that apps are fetched by",
      "Use http, https, s3, or a path.",
    );
  }
  if (!URL.canParse(text)) throw new UsageError(shown, "is no URL");
  return { kind: "http", url: new URL(text) };
}

/**
 * Parses `s3://bucket/key`; the key may be empty. Keys are taken as they stand: nothing in them is decoded.
 *
 * @throws UsageError if it names no bucket
 */
export function parseBucketUrl(text: string): { readonly bucket: string; readonly key: string } {
  const match = S3_URL.exec(text);
  if (match === null)
    throw new UsageError(showLocation(text), "is no bucket's URL", "Write it like s3://bucket/prefix.");
  return { bucket: match[1]!, key: match[2] ?? "" };
}

/**
 * A place as messages and rows show it: of a URL, neither credentials nor the query, which may hold some. Of what looks
 * like a URL and is none, the scheme alone: nobody can say where in it a password ends.
 */
export function showLocation(text: string): string {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return text;
  if (scheme === "s3") return S3_URL.test(text) ? text : "s3://…";
  if (!URL.canParse(text)) return `${scheme}://…`;
  const { host, pathname } = new URL(text);
  return `${scheme}://${host}${pathname}`;
}
