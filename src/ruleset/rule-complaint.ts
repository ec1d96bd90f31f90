/** What is wrong with a rule file, and what to do about it. */
export interface RuleComplaint {
  /** `file:line`, or the file where no line shows it. */
  readonly place: string;
  /** Without a full stop. */
  readonly problem: string;
  /** One sentence; empty where the problem says it all. */
  readonly advice: string;
  /** Places in other files that have a part in it: it may be theirs to mend. */
  readonly otherPlaces?: readonly string[];
}
