/**
 * The user's fault: a flag, an argument, a rule file. Stops before work starts.
 * Says what is wrong, where (the flag, or rule file and line), and what to do.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** The flag, or `file:line:column`. */
  readonly where: string;
  /** What is wrong there. */
  readonly problem: string;
  /** One sentence that tells the user what to do; empty where the problem says it all. */
  readonly fix: string;

  constructor(where: string, problem: string, fix = "", options?: ErrorOptions) {
    super(`${where}: ${problem}${fix === "" ? "" : `\n  ${fix}`}`, options);
    this.where = where;
    this.problem = problem;
    this.fix = fix;
  }
}
