import { z } from "zod";
import {
  componentKinds,
  flowComputations,
  type MethodPattern,
  type Place,
  reflections,
  sinkKinds,
} from "./flow-models.js";
import {
  argumentsOf,
  FlowTextError,
  parseDerivation,
  parseFieldPattern,
  parseMethodPattern,
  parseMove,
  parsePlace,
  parseRun,
} from "./parse-flow-text.js";
import { kebabId, sourceSchema } from "./schema.js";

/** A text that `parse` understands; what it has against it is the complaint. */
function textOf(parse: (text: string) => unknown) {
  return z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof FlowTextError)) throw error;
      context.addIssue({ code: "custom", message: error.message });
    }
  });
}

const method = textOf(parseMethodPattern).describe(
  "A method in smali form; `(*)` for any parameters, `*` for any type that is returned",
);
/** YAML has the number of an argument as a number. */
const place = z.union([z.int().min(0), textOf(parsePlace)]);

const sinkSchema = z.strictObject({
  kind: z.enum(sinkKinds),
  takes: z.array(place).min(1).describe("Places whose data leaves there, with all that hangs on them"),
  where: z
    .union([z.literal("leaves-app"), place])
    .optional()
    .describe("Only if this place holds something; `leaves-app`: if the intent can leave the app"),
  host: place.optional().describe("What has the address of the server"),
});

/** One model of a file. */
export const flowModelSchema = z
  .strictObject({
    method,
    creates: z.boolean().optional().describe("The result is a new object"),
    "returns-itself": z.boolean().optional().describe("The result is the receiver"),
    moves: z.array(textOf(parseMove)).optional().describe("`from -> to`: the value itself, in this order"),
    derives: z
      .array(textOf(parseDerivation))
      .optional()
      .describe("`from -> to [partial] [encoded] [encrypted] [hashed]`: something computed from the value"),
    computes: z.enum(flowComputations).optional().describe("What constants come to"),
    runs: z
      .array(textOf(parseRun))
      .optional()
      .describe("`now|soon|later|often place.method(place, …) [-> place]`: code of the app that it calls"),
    cancels: z.array(place).optional().describe("What these hold is not called any more"),
    clears: z.array(place).optional().describe("What these hold is gone afterwards"),
    sends: z
      .array(z.strictObject({ intent: place, to: z.enum(componentKinds), result: z.boolean().optional() }))
      .optional()
      .describe("An intent is delivered to a component of the app"),
    sinks: z.array(sinkSchema).optional(),
    reflects: z.enum(reflections).optional(),
  })
  .superRefine((model, context) => {
    const pattern = patternOf(model.method);
    if (pattern === undefined) return;
    for (const { path, places } of placesOfModel(model)) {
      for (const named of places) refuseMissing(pattern, named, path, context);
    }
    for (const key of ["creates", "returns-itself"] as const) {
      if (model[key] === true && pattern.returns === "V") refuseResult(pattern, [key], context);
    }
  });

const sourcePlaces = z.array(place).describe("Where the data is afterwards; none: the call yields nothing");
const dataOf = kebabId.optional().describe("Id of the rule in rules/apis whose data it is");

const flowSourceSchema = z
  .union([
    z.strictObject({ method, yields: sourcePlaces, of: dataOf }),
    z.strictObject({ override: method, yields: sourcePlaces, of: dataOf }),
    z.strictObject({ field: textOf(parseFieldPattern), yields: sourcePlaces, of: dataOf }),
  ])
  .superRefine((source, context) => {
    const text = "method" in source ? source.method : "override" in source ? source.override : undefined;
    const pattern = text === undefined ? undefined : patternOf(text);
    if (pattern === undefined) return;
    source.yields.forEach((written, index) => {
      const parsed = placeOf(written);
      if (parsed !== undefined) refuseMissing(pattern, parsed, ["yields", index], context);
    });
  });

/** rules/flows/<id>.yaml: what methods of Android and of libraries do with values. */
export const flowRuleSchema = z.strictObject({
  id: kebabId,
  name: z.string().min(2),
  models: z.array(flowModelSchema),
  sources: z.array(flowSourceSchema).optional(),
  outside: z
    .array(
      z.string().regex(/^L(?:[A-Za-z0-9_$-]+\/)+$/, "a package as smali has it, with a slash at its end"),
    )
    .optional()
    .describe(
      "Packages of libraries in the app whose code is not followed: models say what it does, as of Android's own",
    ),
  documents: z.array(sourceSchema).min(1).optional().describe("What says that the methods do so"),
});

export type FlowRule = z.infer<typeof flowRuleSchema>;
export type WrittenModel = FlowRule["models"][number];
export type WrittenSource = NonNullable<FlowRule["sources"]>[number];
export type WrittenPlace = z.infer<typeof place>;

/** A place that a call of the method does not have. */
function refuseMissing(
  pattern: MethodPattern,
  named: Place,
  path: PropertyKey[],
  context: z.RefinementCtx,
): void {
  if (named.root === "result" && pattern.returns === "V") refuseResult(pattern, path, context);
  const { parameters, name } = pattern;
  const missing = argumentsOf(named).find((argument) => argument >= (parameters?.length ?? Infinity));
  if (parameters === undefined || missing === undefined) return;
  const count = parameters.length === 1 ? "1 parameter" : `${parameters.length} parameters`;
  context.addIssue({
    code: "custom",
    path,
    message: `there is no argument ${missing}: ${name} has ${count}, which count from 0`,
  });
}

function refuseResult({ name }: MethodPattern, path: PropertyKey[], context: z.RefinementCtx): void {
  context.addIssue({ code: "custom", path, message: `there is no result: ${name} returns nothing` });
}

/** The places that a model names, by the keys that lead to them. What does not parse is complained of elsewhere. */
function placesOfModel(model: z.input<typeof flowModelSchema>): { path: PropertyKey[]; places: Place[] }[] {
  const found: { path: PropertyKey[]; places: Place[] }[] = [];
  const note = (path: PropertyKey[], ...written: (WrittenPlace | undefined)[]) =>
    found.push({ path, places: written.flatMap((one) => (one === undefined ? [] : (placeOf(one) ?? []))) });
  for (const [key, texts] of [
    ["moves", model.moves],
    ["derives", model.derives],
  ] as const) {
    texts?.forEach((text, index) => {
      const parsed = attempt(() => parseDerivation(text));
      if (parsed !== undefined) found.push({ path: [key, index], places: [parsed.from, parsed.to] });
    });
  }
  model.runs?.forEach((text, index) => {
    const run = attempt(() => parseRun(text));
    if (run === undefined) return;
    const places = [run.object, ...run.arguments, ...(run.result === undefined ? [] : [run.result])];
    found.push({ path: ["runs", index], places });
  });
  for (const key of ["cancels", "clears"] as const)
    model[key]?.forEach((written, index) => void note([key, index], written));
  model.sends?.forEach(({ intent }, index) => void note(["sends", index, "intent"], intent));
  model.sinks?.forEach((sink, index) => {
    note(["sinks", index, "takes"], ...sink.takes);
    note(["sinks", index, "where"], sink.where === "leaves-app" ? undefined : sink.where);
    note(["sinks", index, "host"], sink.host);
  });
  return found;
}

const patternOf = (text: string) => attempt(() => parseMethodPattern(text));
const placeOf = (written: WrittenPlace) => attempt(() => parsePlace(String(written)));

function attempt<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FlowTextError) return undefined;
    throw error;
  }
}
