import { type AppInput, findApps, parseAppList } from "../batch/index.js";
import { printable } from "../report/printable-text.js";
import { tell } from "./console.js";

/** What the user named, or listed on standard input. */
export interface NamedApps {
  readonly apps: readonly AppInput[];
  /** What is none of this machine's, as it was named. */
  readonly elsewhere: readonly string[];
  /** How many places could not be looked into. */
  readonly troubles: number;
}

/**
 * Finds the apps that were named, `-` being a list on standard input. What cannot be looked into is told, and costs
 * only itself; so is what is passed over.
 *
 * @param isElsewhere tells names that are not to be looked for on this machine
 * @throws UsageError for a name that neither is there nor is a glob
 */
export async function findNamedApps(
  names: readonly string[],
  isElsewhere: (name: string) => boolean = () => false,
): Promise<NamedApps> {
  const named = names.filter((name) => name !== "-");
  const listed = names.includes("-") ? parseAppList(await readStdin()) : [];
  const isHere = (name: string) => !isElsewhere(name);
  let troubles = 0;
  const { apps, passedOver } = await findApps(
    { named: named.filter(isHere), listed: listed.filter(isHere) },
    (path, problem) => {
      troubles++;
      tell(`${printable(path, 2_000)}: ${problem}`);
    },
  );
  for (const [ending, count] of passedOver) {
    tell(
      `${count.toLocaleString("en")} ${count === 1 ? "file that ends" : "files that end"} in ${ending} passed over: not read yet`,
    );
  }
  return { apps, elsewhere: [...named, ...listed].filter(isElsewhere), troubles };
}

async function readStdin(): Promise<string> {
  const blocks: Buffer[] = [];
  for await (const block of process.stdin) blocks.push(block as Buffer);
  return Buffer.concat(blocks).toString("utf8");
}
