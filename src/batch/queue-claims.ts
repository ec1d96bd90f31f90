import type { Redis } from "ioredis";

/** Gives what one job has to another, unless somebody was quicker. */
const TAKE_OVER = `
if redis.call("HGET", KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[3])
return 1`;

/**
 * Which job has which content: the same bytes may be in several jobs, and become one row. A job that is done again has
 * what it had.
 */
export class QueueClaims {
  readonly #client: Redis;
  readonly #key: string;

  /**
   * @param key of a hash: SHA-256 to the digest of a job
   */
  constructor(client: Redis, key: string) {
    this.#client = client;
    this.#key = key;
  }

  /** @returns the job that has the content: the one that asks, unless another has it already */
  async claim(sha256: string, job: string): Promise<string> {
    if ((await this.#client.hsetnx(this.#key, sha256, job)) === 1) return job;
    // Only who clears the queue takes it away between the two.
    return (await this.#client.hget(this.#key, sha256)) ?? this.claim(sha256, job);
  }

  /** @returns whether the content passed from the one job to the other */
  async takeOver(sha256: string, from: string, to: string): Promise<boolean> {
    return (await this.#client.eval(TAKE_OVER, 1, this.#key, sha256, from, to)) === 1;
  }
}
