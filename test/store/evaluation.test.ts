import { expect, test } from "vitest";
import { evaluationId } from "../../src/store/index.js";
import { evaluation } from "./tiny-rows.js";

test("the id is 16 hexadecimal digits, and always the same", () => {
  expect(evaluationId(evaluation)).toBe("afb77e3287ddb502");
});

test("everything that bears on a result changes the id, the order of packages does not", () => {
  const others = [
    evaluation,
    { ...evaluation, tool: "1.2.4" },
    { ...evaluation, rulesVersion: "abcdef012346" },
    { ...evaluation, depth: "permitted" as const },
    { ...evaluation, firstParty: ["com.acme"] },
    { ...evaluation, firstParty: ["com.acme", "org.acme"] },
  ];
  expect(new Set(others.map(evaluationId)).size).toBe(others.length);
  expect(evaluationId({ ...evaluation, firstParty: ["org.acme", "com.acme", "org.acme"] })).toBe(
    evaluationId(others[5]!),
  );
});
