import { availableParallelism } from "node:os";
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

/** Seconds, for commander: whole, or with a fraction. */
export function seconds(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,7}(?:\.\d{1,3})?$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It is a number of seconds from ${least} to ${most}.`);
  };
}
