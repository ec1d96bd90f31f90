import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

/** Tests of single stages, which read src and rules only. All other tests get a fresh build first. */
const stages =
  "access,app,archive,bytes,dex,diagnostics,evidence,explain,findings,flow,manifest,policy,program,programs,report,rules,ruleset,sdk";
const stageTests = ["test/architecture.test.ts", `test/{${stages}}/**/!(hostile).test.ts`];

// biome-ignore lint/style/noDefaultExport: vitest wants it
export default defineConfig({
  define: { BYCATCH_VERSION: JSON.stringify(version), BYCATCH_FACTS_DIGEST: '"of tests"' },
  test: {
    // Processes, not threads: tests measure memory, and lay typed arrays over buffers of their own.
    pool: "forks",
    // One more than there are cores: many wait, for processes of their own and for what takes its time.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    projects: [
      // Files share processes, and with them what they import: it has no state of its own (test/architecture.test.ts).
      { extends: true, test: { name: "stages", include: stageTests, isolate: false } },
      {
        extends: true,
        test: {
          name: "whole",
          include: ["test/**/*.test.ts"],
          exclude: [...stageTests, "test/corpus/**"],
          globalSetup: "test/support/build-when-stale.ts",
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "corpus",
          include: ["test/corpus/**/*.test.ts"],
          globalSetup: ["test/support/build-when-stale.ts", "test/support/fetch-corpus-setup.ts"],
          testTimeout: 120_000,
        },
      },
    ],
  },
});
