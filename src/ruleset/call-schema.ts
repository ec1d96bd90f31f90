import { z } from "zod";
import { kebabId, methodRef, sourceSchema } from "./schema.js";

/*
 * The schema of rules about calls by what is passed: what methods of SDKs are given, and calls behind which reading the
 * code shows nothing.
 */

/** What a call is given in one of its parameters. */
const givenSchema = z
  .strictObject({
    index: z
      .int()
      .min(0)
      .describe("Position among the declared parameters, from 0, the receiver not counted"),
    "data-type": kebabId.optional().describe("Google Play's data type that it is given"),
    names: z
      .enum(["event", "property"])
      .optional()
      .describe("The parameter is the name of an event or a property: constants are listed"),
    types: z
      .array(z.string().regex(/^\[*([ZBSCIJFD]|L[^;.]+;)$/, "a type is in smali form, `Ljava/lang/String;`"))
      .min(1)
      .optional()
      .describe("The parameter is of one of these types, or the call does not count"),
  })
  .refine(
    (given) => given["data-type"] !== undefined || given.names !== undefined,
    "say what is given: data-type, names or both",
  );

/** A method of a third party that the app's own code hands something over to. */
const handOverCallSchema = z
  .strictObject({
    method: methodRef.optional(),
    name: z
      .string()
      .regex(/^[A-Za-z_$][\w$]*$/, "a name of a method, without its class")
      .optional()
      .describe("Any method of this name, of any third party"),
    gives: z.array(givenSchema).min(1),
    confidence: z
      .enum(["certain", "likely", "possible"])
      .optional()
      .describe("That the call is given this; certain unless said, of a name likely"),
    note: z.string().optional(),
  })
  .refine((call) => (call.method === undefined) !== (call.name === undefined), "name one of method and name");

/** rules/hand-overs/<id>.yaml: what the methods of an SDK are given by what they mean. */
export const handOverRuleSchema = z.strictObject({
  id: kebabId,
  name: z.string().min(2),
  calls: z.array(handOverCallSchema).min(1),
  note: z.string().optional(),
  sources: z.array(sourceSchema).min(1),
});

/** What can lie behind a call that reading code does not follow. */
export const blindSpotKinds = [
  "reflection",
  "native-library",
  "dynamic-code",
  "web-view",
  "web-view-bridge",
] as const;

/** rules/blind-spots.yaml: calls behind which there is what reading the code does not show. */
export const blindSpotsSchema = z.strictObject({
  sources: z.array(sourceSchema).min(1),
  "blind-spots": z
    .array(
      z.strictObject({
        kind: z.enum(blindSpotKinds),
        method: methodRef,
        named: z
          .int()
          .min(0)
          .optional()
          .describe("The parameter that names what is meant; from 0, the receiver not counted"),
      }),
    )
    .min(1),
});

export type HandOverRule = z.infer<typeof handOverRuleSchema>;
export type HandOverCall = HandOverRule["calls"][number];
export type BlindSpot = z.infer<typeof blindSpotsSchema>["blind-spots"][number];
