import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { fullFormats } from "ajv-formats/dist/formats.js";

const schema = JSON.parse(
  readFileSync(new URL("../../fixtures/schemas/sarif-2.1.0.json", import.meta.url), "utf8"),
);
const validate = new Ajv2020({ strict: false, formats: fullFormats, allErrors: true }).compile(schema);

/** What SARIF's schema has against a log; nothing where it fits. */
export function listSchemaErrors(log: unknown): string[] {
  return validate(log)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const installed = fileURLToPath(
  new URL("../../node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool", import.meta.url),
);

/** What Microsoft's validator has against a log, by its rules and GitHub's; `undefined` where it is not installed. */
export function runMultitool(log: string): string[] | undefined {
  const folder = mkdtempSync(join(tmpdir(), "bycatch-sarif-"));
  try {
    const [input, output] = [join(folder, "in.sarif"), join(folder, "out.sarif")];
    writeFileSync(input, log);
    const args = [
      "validate",
      input,
      "--rule-kind",
      "Sarif;Ghas",
      "--output",
      output,
      "--level",
      "Error;Warning;Note",
    ];
    // Another tool has the name `sarif` too.
    const command = ["Sarif.Multitool", "sarif", installed].find((name) => {
      const { stdout, stderr } = spawnSync(name, ["version"], { encoding: "utf8" });
      return `${stdout}${stderr}`.includes("SARIF Multitool");
    });
    if (command === undefined) {
      const isOffered = process.platform === "linux" && process.arch === "x64";
      if (process.env.CI && isOffered)
        throw new Error("the SARIF Multitool is not installed (.ci/run does it)");
      return undefined;
    }
    spawnSync(command, args);
    const { runs } = JSON.parse(readFileSync(output, "utf8").replace(/^\uFEFF/, ""));
    return runs[0].results.map(
      (result: { ruleId: string; message: { arguments?: string[] } }) =>
        `${result.ruleId} ${(result.message.arguments ?? []).join(" ")}`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
