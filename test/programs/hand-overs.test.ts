import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { bytesSource } from "../../src/archive/index.js";
import { auditSource, prepareRules } from "../../src/audit.js";
import { loadRuleset } from "../../src/ruleset/load-ruleset.js";
import { type Program, programsFolder, readPrograms } from "./read-program.js";

const rulesFolder = join(import.meta.dirname, "../../rules");
const rules = prepareRules(loadRuleset([rulesFolder, join(programsFolder, "rules")]));

/** What is known to be wrong, by program, with the reason. */
const knownFailures = parse(
  readFileSync(join(import.meta.dirname, "known-hand-over-failures.yaml"), "utf8"),
) as Record<string, string>;

/** `caller api events`, as the programs state them and as an audit finds them. */
async function findHandOvers({ apk }: Program): Promise<string[]> {
  const source = bytesSource("app.apk", new Uint8Array(readFileSync(apk)));
  const { handOvers = [] } = await auditSource(source, rules);
  return handOvers.map(({ caller, api, events }) => `${caller} ${api} [${events.join(", ")}]`);
}

function statedHandOvers({ expected }: Program): string[] {
  return expected["handed-over"]!.map(({ from, to, events }) => `${from} ${to} [${events.join(", ")}]`);
}

describe("what the programs hand over to SDKs", () => {
  const programs = readPrograms().filter(({ expected }) => expected["handed-over"] !== undefined);

  test("is what their authors say, but for what is known to be wrong", async () => {
    expect(programs.length).toBeGreaterThanOrEqual(12);
    const failed: string[] = [];
    for (const program of programs) {
      const [found, stated] = [await findHandOvers(program), statedHandOvers(program)];
      if (found.sort().join("\n") !== stated.sort().join("\n")) failed.push(program.name);
    }
    expect(failed).toEqual(Object.keys(knownFailures));
  });
});
