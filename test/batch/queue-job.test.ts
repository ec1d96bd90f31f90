import { expect, test } from "vitest";
import { jobDigest, jobId, MOST_INPUTS, type QueueJob, readJob } from "../../src/batch/queue-job.js";

const evaluation = "0123456789abcdef";
const input = { location: "/apps/a.apk", name: "a.apk", key: "k" };
const job: QueueJob = { version: 1, evaluation, inputs: [input] };

test("a job is read as it was written, without what does not belong to it", () => {
  const written: unknown = JSON.parse(JSON.stringify({ ...job, more: 1, inputs: [{ ...input, more: 1 }] }));
  expect(readJob(written, evaluation)).toEqual(job);
});

test.each<[what: string, data: unknown]>([
  ["nothing", undefined],
  ["null", null],
  ["text", "job"],
  ["a list", [job]],
  ["another version", { ...job, version: 2 }],
  ["an evaluation that is none", { ...job, evaluation: "../0123456789ab" }],
  ["no apps", { ...job, inputs: [] }],
  ["apps that are no list", { ...job, inputs: { length: 1, 0: input } }],
  ["too many apps", { ...job, inputs: Array.from({ length: MOST_INPUTS + 1 }, () => input) }],
  ["an app without a name", { ...job, inputs: [{ location: "/a", key: "k" }] }],
  ["an app without a key", { ...job, inputs: [{ location: "/a", name: "a" }] }],
  ["an empty path", { ...job, inputs: [{ ...input, location: "" }] }],
  ["a path with a NUL", { ...job, inputs: [{ ...input, location: "/a\0" }] }],
  ["a path without end", { ...job, inputs: [{ ...input, location: "a".repeat(100_000) }] }],
])("%s is no job", (_, data) => {
  expect(readJob(data, evaluation)).toBe("is no job of bycatch, or of another version");
});

test("a job for another evaluation says which", () => {
  expect(readJob(job, "f".repeat(16))).toMatch(
    /^was made for the evaluation 0123456789abcdef, and this worker has f+:/,
  );
});

test("a job's name depends on all that is in it, and on the order", () => {
  const other = { ...input, location: "/apps/b.apk", name: "b.apk" };
  const jobs: QueueJob[] = [
    job,
    { ...job, evaluation: "f".repeat(16) },
    { ...job, inputs: [input, other] },
    { ...job, inputs: [other, input] },
    { ...job, inputs: [{ ...input, name: "x/a.apk" }] },
    { ...job, inputs: [{ ...input, key: "another file at its place" }] },
  ];
  expect(new Set(jobs.map(jobDigest)).size).toBe(jobs.length);
  expect(jobDigest(JSON.parse(JSON.stringify(job)))).toBe(jobDigest(job));
  expect(jobDigest(job)).toMatch(/^[0-9a-f]{16}$/);
  expect(jobId("0000000000000001")).toBe("job-0000000000000001");
});
