import { bytesSource } from "../../src/archive/index.js";
import { type AuditMapping, type AuditRules, attributeSource } from "../../src/audit.js";
import type { Tally } from "./measure.js";

/** What the audit of a renamed build makes of its classes and parties; its mapping tells the truth. */
export interface MeasuredRenamed {
  /** Classes that lost their names. */
  readonly classes: Tally;
  /** SDKs and support libraries. */
  readonly parties: Tally;
  /** Of {@link parties}, by id. */
  readonly missedParties: readonly string[];
  /** Each class that was given to a wrong party. */
  readonly wrong: readonly string[];
}

/** Audits a renamed build without its mapping and compares with what is said with it. */
export async function measureRenamed(
  bytes: Uint8Array,
  rules: AuditRules,
  mapping: AuditMapping,
): Promise<MeasuredRenamed> {
  const source = () => bytesSource("renamed.apk", bytes);
  const [renamed, restored] = await Promise.all([
    attributeSource(source(), rules),
    attributeSource(source(), rules, { mapping }),
  ]);
  const classes: Tally = { right: 0, wrong: 0, missed: 0 };
  const wrong: string[] = [];
  for (const [file, { dex }] of renamed.code.entries()) {
    const restoredDex = restored.code[file]!.dex;
    for (let index = 0; index < dex.classDefsSize; index++) {
      const name = dex.classDescriptor(index);
      const original = restoredDex.classDescriptor(index);
      if (name === original) continue;
      const [found, truth] = [renamed, restored].map(
        ({ attribution, code }) =>
          attribution.parties[attribution.partyOfPackage[code[file]!.packages[index]!]!]!.id,
      );
      if (found === truth) classes.right++;
      else if (found === "unattributed") classes.missed++;
      else {
        classes.wrong++;
        wrong.push(`${original} of ${truth}: given to ${found}`);
      }
    }
  }
  const idsOf = ({ attribution }: typeof renamed) =>
    attribution.parties.filter(({ rule }) => rule !== undefined).map(({ id }) => id);
  const [found, truth] = [idsOf(renamed), idsOf(restored)];
  const parties = {
    right: found.filter((id) => truth.includes(id)).length,
    wrong: found.filter((id) => !truth.includes(id)).length,
    missed: truth.filter((id) => !found.includes(id)).length,
  };
  return { classes, parties, missedParties: truth.filter((id) => !found.includes(id)), wrong };
}
