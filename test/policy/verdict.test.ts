import { expect, test } from "vitest";
import { buildVerdict, check } from "../support/verdict-builder.js";
import { unread } from "./written-policy.js";

test("a part that was not read is enough for a build not to pass, whatever the checks say", () => {
  const parts = { diagnostics: [unread] };
  expect(buildVerdict([check("x")]).outcome).toBe("pass");
  expect(buildVerdict([check("x")], parts)).toMatchObject({
    outcome: "incomplete",
    unread: ["classes2.dex"],
    diagnostics: [unread],
  });
  expect(buildVerdict([check("x")], { ...parts, allowIncomplete: true }).outcome).toBe("pass");
});
