import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError } from "commander";

/** A whole number, for commander. */
export function count(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
  };
}

/** Cores that this process may use. */
export const cores = availableParallelism();

/** Where folders of fetched apps are made. */
export const temporaryFolder = join(tmpdir(), "bycatch");

/** Seconds, for commander: whole, or with a fraction. */
export function seconds(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,7}(?:\.\d{1,3})?$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It is a number of seconds from ${least} to ${most}.`);
  };
}
