/**
 * Many audits. Comes in: apps, as paths, folders, URLs or jobs of a queue. Goes out: rows of a store. Each app has its
 * own limits, and what is wrong with one costs no other. Never looks into an app, and never prints.
 */
export { isUrl, showLocation } from "./app-location.js";
export { bucketFiles } from "./bucket-files.js";
export { type AppFetcher, type FetchOptions, openFetcher } from "./fetch-app.js";
export { FetchError } from "./fetch-error.js";
export { openS3, type S3, type S3Options } from "./s3-client.js";
