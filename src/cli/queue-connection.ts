import { openQueueConnection, openS3, parseQueueUrl, type QueueConnection, type S3 } from "../batch/index.js";
import { UsageError } from "../diagnostics/index.js";
import { tell } from "./console.js";

/**
 * Connects to the queue that the flag or `BYCATCH_QUEUE` names, with credentials of the URL, or of `REDIS_USERNAME` and
 * `REDIS_PASSWORD`.
 */
export async function connectToQueue(url: string | true | undefined): Promise<QueueConnection> {
  const text = typeof url === "string" ? url : process.env.BYCATCH_QUEUE;
  if (text === undefined || text === "") {
    throw new UsageError("--queue", "names no queue", "Give redis://host:6379/0, or set BYCATCH_QUEUE.");
  }
  const { REDIS_USERNAME, REDIS_PASSWORD } = process.env;
  const address = parseQueueUrl(text, { username: REDIS_USERNAME, password: REDIS_PASSWORD });
  return openQueueConnection(address, (state) => {
    if (state === "lost") tell(`the connection to ${address.shown} is lost; trying again until it is back`);
    else tell(`${address.shown} is back`);
  });
}

/** For a queue: a problem of Redis or BullMQ, told once until another comes. */
export function tellQueueErrors(): (error: Error) => void {
  let last = "";
  return ({ message }) => {
    if (message !== last) tell(`the queue: ${message}`);
    last = message;
  };
}

/** Amazon's client, by the environment. */
export async function openS3Client(pathStyle: boolean): Promise<S3> {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 } = process.env;
  const endpoint = AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL;
  if (endpoint !== undefined && !/^https?:\/\//i.test(endpoint))
    throw new UsageError(
      "AWS_ENDPOINT_URL_S3",
      "is no URL of http or https",
      "Give one like https://s3.example:9000.",
    );
  // Servers that are not Amazon's have no regions, but the client wants one to sign with.
  const region = AWS_REGION ?? AWS_DEFAULT_REGION ?? (endpoint !== undefined ? "us-east-1" : undefined);
  return openS3({ region, pathStyle });
}
