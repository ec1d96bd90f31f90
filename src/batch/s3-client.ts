import type { S3Client } from "@aws-sdk/client-s3";
import { UsageError } from "../diagnostics/index.js";
import { FetchError, type FetchErrorCode } from "./fetch-error.js";
import { loadOptionalPackage } from "./optional-package.js";

/** How buckets are reached, beside the environment's `AWS_…` variables, which the client reads itself. */
export interface S3Options {
  /** The client looks for one itself unless given. */
  readonly region?: string | undefined;
  /** Buckets stand in the path of a URL and not in the host's name, as most servers that are not Amazon's have it. */
  readonly pathStyle: boolean;
}

/** The client with its commands. */
export interface S3 {
  readonly client: S3Client;
  readonly commands: Pick<
    typeof import("@aws-sdk/client-s3"),
    "GetObjectCommand" | "PutObjectCommand" | "ListObjectsV2Command"
  >;
}

/**
 * Opens Amazon's client of S3. Endpoint, region and credentials are the environment's (`AWS_ENDPOINT_URL_S3`,
 * `AWS_REGION`, `AWS_ACCESS_KEY_ID`, profiles, a role of the machine).
 *
 * @throws UsageError where the package is not installed, or the environment names no region
 */
export async function openS3({ region, pathStyle }: S3Options): Promise<S3> {
  const commands = loadOptionalPackage<typeof import("@aws-sdk/client-s3")>(
    "@aws-sdk/client-s3",
    "s3://",
    "needs Amazon's client of S3",
    "Run: npm install @aws-sdk/client-s3",
  );
  try {
    const client = new commands.S3Client({
      ...(region === undefined ? {} : { region }),
      forcePathStyle: pathStyle,
      // Servers that are not Amazon's know no checksums in trailers.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
    await client.config.region();
    return { client, commands };
  } catch (error) {
    if (!(error instanceof Error && /^region /i.test(error.message))) throw error;
    throw new UsageError("s3://", "the environment names no region that is one", "Set AWS_REGION.", {
      cause: error,
    });
  }
}

/**
 * What S3 answered, as trouble with a file. The message is ours, as the server's may hold anything; and the error does
 * not become its cause, as it holds the request with its signature.
 */
export function s3Error(error: unknown, shown: string): FetchError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  if (status !== undefined) {
    const name = /^\w{1,60}$/.test(error.name) ? ` ${error.name}` : "";
    return new FetchError(codeOf(status), shown, `S3 answered ${status}${name}`);
  }
  if (error.name === "CredentialsProviderError") {
    return new FetchError("refused", shown, "there are no credentials for S3 in the environment");
  }
  return undefined;
}

function codeOf(status: number): FetchErrorCode {
  if (status === 404) return "not-found";
  if (status === 408 || status === 429 || status >= 500) return "server";
  return status >= 400 ? "refused" : "bad-answer";
}
