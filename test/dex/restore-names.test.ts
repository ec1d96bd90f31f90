import { describe, expect, test } from "vitest";
import { type DexFile, parseNameMapping, readDexFiles, visitCode } from "../../src/dex/index.js";
import { type Diagnostics, defaultLimits, FormatError } from "../../src/diagnostics/index.js";
import { buildDex, type ClassSpec, type DexSpec, type MethodSpec } from "../support/dex-builder.js";

function restore(
  specs: readonly DexSpec[],
  lines: readonly string[],
  { version = 35, size = Infinity, diagnostics = [] as Diagnostics } = {},
): DexFile[] {
  const mapping = parseNameMapping(new TextEncoder().encode(lines.join("\n")), "mapping.txt");
  const { bytes } = buildDex(specs, version);
  return readDexFiles(bytes.subarray(0, size), "classes.dex", defaultLimits, diagnostics, mapping);
}

const RETURN_VOID = 0x000e;
const method = (name: string, ...parameters: string[]): MethodSpec => ({
  name,
  parameters,
  code: () => [RETURN_VOID],
});
const classes = (...list: ClassSpec[]): DexSpec => ({ classes: list });

function methodRefs(dex: DexFile): string[] {
  return Array.from({ length: dex.methodIdsSize }, (_, methodIdx) => dex.methodRef(methodIdx)).sort();
}

describe("names", () => {
  const lines = [
    "com.acme.Sdk -> a.b:",
    "    void run(com.acme.Sdk[]) -> a",
    "    void run(int) -> b",
    "    void kept() -> kept",
    "com.acme.Part -> a.c:",
  ];
  const spec: DexSpec = {
    classes: [
      {
        descriptor: "La/b;",
        superclass: "La/c;",
        methods: [method("a", "[La/b;"), method("b", "I"), method("kept"), method("c", "La/c;")],
      },
      { descriptor: "Lz/Other;" },
    ],
    strings: ["a.b", "a/b", "La/b;x", "b", "z.Other"],
  };

  test("of classes and members are the original ones, in descriptors too", () => {
    const [dex] = restore([spec], lines);
    expect(methodRefs(dex!)).toEqual([
      "Lcom/acme/Sdk;->c(Lcom/acme/Part;)V",
      "Lcom/acme/Sdk;->kept()V",
      "Lcom/acme/Sdk;->run(I)V",
      "Lcom/acme/Sdk;->run([Lcom/acme/Sdk;)V",
    ]);
    expect(dex!.typeDescriptor(dex!.classDef(0).superclassIdx!)).toBe("Lcom/acme/Part;");
    for (const descriptor of ["Lcom/acme/Sdk;", "[Lcom/acme/Sdk;", "Lz/Other;", "V"])
      expect(dex!.typeDescriptor(dex!.findTypeIdx(descriptor)!)).toBe(descriptor);
    expect(dex!.findTypeIdx("La/b;")).toBeUndefined();
  });

  test("in constants: a dotted name of a renamed class is one, other text is not", () => {
    const [dex] = restore([spec], lines);
    const texts = ["a.b", "a/b", "La/b;x", "b", "z.Other"].map((text) =>
      dex!.string(dex!.findStringIdx(text)!),
    );
    expect(texts).toEqual(["com.acme.Sdk", "a/b", "La/b;x", "b", "z.Other"]);
    expect(dex!.stringsBeginningWith("a", 10)).toEqual(["a", "a.b", "a/b"]);
  });

  test("are as before where the mapping names nothing of the file", () => {
    const { bytes } = buildDex([spec]);
    const [plain] = readDexFiles(bytes, "classes.dex", defaultLimits, []);
    const [dex] = restore([spec], ["com.acme.X -> x.y:", "    void q() -> a"]);
    expect(methodRefs(dex!)).toEqual(methodRefs(plain!));
    expect(dex!.restored).toMatchObject({ mappedClasses: 0, renamedClasses: 0 });
    expect(plain!.restored).toBeUndefined();
  });

  test("are counted: classes of the file that the mapping has, and that it renames", () => {
    const [dex] = restore([spec], [...lines, "z.Other -> z.Other:"]);
    expect(dex!.restored).toMatchObject({ mappedClasses: 2, renamedClasses: 1, strangeMembers: 0 });
  });

  test("longer than 127 characters, and not ASCII", () => {
    const long = `com.acme.${"Größe".repeat(50)}`;
    const [dex] = restore([classes({ descriptor: "La/b;" })], [`${long} -> a.b:`]);
    expect(dex!.typeDescriptor(dex!.classDef(0).classIdx)).toBe(`L${long.replaceAll(".", "/")};`);
  });
});

describe("a member that a reference names on another class", () => {
  const base = "com.acme.Base -> a.b:\n    void start() -> a";
  const caller = (owner: string) => [{ owner, method: { name: "a" } }];

  test.each<[string, ClassSpec[]]>([
    [
      "a subclass",
      [
        { descriptor: "La/b;", methods: [method("a")] },
        { descriptor: "La/c;", superclass: "La/b;" },
      ],
    ],
    ["a subclass of one that another file defines", [{ descriptor: "La/c;", superclass: "La/b;" }]],
    ["an implementation", [{ descriptor: "La/c;", interfaces: ["Ljava/lang/Runnable;", "La/b;"] }]],
    [
      "an heir of the interface's heir",
      [
        { descriptor: "La/c;", superclass: "La/d;" },
        { descriptor: "La/d;", interfaces: ["La/e;"] },
        { descriptor: "La/e;", interfaces: ["La/b;"] },
      ],
    ],
  ])("%s", (_, list) => {
    const [dex] = restore([{ classes: list, refs: caller("La/c;") }], [base, "com.acme.Sub -> a.c:"]);
    expect(methodRefs(dex!)).toContain("Lcom/acme/Sub;->start()V");
  });

  test("a class of its own ancestors ends the search", () => {
    const loop = classes(
      { descriptor: "La/c;", superclass: "La/d;" },
      { descriptor: "La/d;", superclass: "La/c;" },
    );
    const [dex] = restore([{ ...loop, refs: caller("La/c;") }], [base, "com.acme.Sub -> a.c:"]);
    expect(methodRefs(dex!)).toEqual(["Lcom/acme/Sub;->a()V"]);
  });
});

describe("what an optimizer did", () => {
  test("a method that came from another class is named there, and defined where it is", () => {
    const diagnostics: Diagnostics = [];
    const [dex] = restore(
      [classes({ descriptor: "La/b;", methods: [method("a"), method("b")] })],
      ["com.acme.Sdk -> a.b:", "    void com.other.Gone.work() -> a", "    void run() -> b"],
      { diagnostics },
    );
    expect(methodRefs(dex!)).toEqual(["Lcom/acme/Sdk;->run()V", "Lcom/other/Gone;->work()V"]);
    const visited: string[] = [];
    visitCode(
      dex!,
      (methodIdx, classDefIdx) =>
        visited.push(
          `${dex!.methodRef(methodIdx)} in ${dex!.typeDescriptor(dex!.classDef(classDefIdx).classIdx)}`,
        ),
      diagnostics,
    );
    expect(visited.sort()).toEqual([
      "Lcom/acme/Sdk;->run()V in Lcom/acme/Sdk;",
      "Lcom/other/Gone;->work()V in Lcom/acme/Sdk;",
    ]);
    expect(dex!.classData(dex!.classDef(0)).directMethods).toHaveLength(2);
    expect(diagnostics).toEqual([]);
  });

  test("a signature that R8 changed is the original one in references, and the file's where registers count", () => {
    const [dex] = restore(
      [classes({ descriptor: "La/b;", methods: [method("a", "La/b;"), method("a")] })],
      [
        '# {"id":"com.android.tools.r8.mapping","version":"2.2"}',
        "com.acme.Sdk -> a.b:",
        "    1:1:int run(com.acme.Sdk,long):5:5 -> a",
        '      # {"id":"com.android.tools.r8.residualsignature","signature":"(La/b;)V"}',
        "    1:1:void stop():9:9 -> a",
      ],
    );
    expect(methodRefs(dex!)).toEqual(["Lcom/acme/Sdk;->run(Lcom/acme/Sdk;J)I", "Lcom/acme/Sdk;->stop()V"]);
    const protos = Array.from({ length: dex!.methodIdsSize }, (_, i) =>
      dex!.protoDescriptor(dex!.methodProtoIdx(i)),
    );
    expect(protos.sort()).toEqual(["()V", "(Lcom/acme/Sdk;)V"]);
  });

  test("an argument that ProGuard took away: the name is right where there is one alone", () => {
    const spec = classes({ descriptor: "La/b;", methods: [method("a"), method("b")] });
    const lines = [
      "com.acme.Sdk -> a.b:",
      "    void run(int) -> a",
      "    void one(int) -> b",
      "    void two(long) -> b",
    ];
    expect(methodRefs(restore([spec], lines)[0]!)).toEqual([
      "Lcom/acme/Sdk;->b()V",
      "Lcom/acme/Sdk;->run()V",
    ]);
    // R8 tells of it, so here the member is another.
    const version = '# {"id":"com.android.tools.r8.mapping","version":"2.2"}';
    expect(methodRefs(restore([spec], [version, ...lines])[0]!)).toEqual([
      "Lcom/acme/Sdk;->a()V",
      "Lcom/acme/Sdk;->b()V",
    ]);
  });
});

test("a container's files have their names restored each, over bytes that they share", () => {
  const specs = [classes({ descriptor: "La/b;", methods: [method("a")] }), classes({ descriptor: "La/c;" })];
  const dexFiles = restore(specs, ["com.acme.Sdk -> a.b:", "    void run() -> a", "com.acme.Part -> a.c:"], {
    version: 41,
  });
  expect(dexFiles.map((dex) => dex.typeDescriptor(dex.classDef(0).classIdx))).toEqual([
    "Lcom/acme/Sdk;",
    "Lcom/acme/Part;",
  ]);
  expect(methodRefs(dexFiles[0]!)).toEqual(["Lcom/acme/Sdk;->run()V"]);
});

describe("hostile files", () => {
  const spec = classes({ descriptor: "La/b;", methods: [method("a", "La/b;"), method("b")] });
  const lines = ["com.acme.Sdk -> a.b:", "    void run(com.acme.Sdk) -> a", "    void com.x.Y.go() -> b"];

  test("one that is cut anywhere ends where it is cut, not behind the names that were added", () => {
    const whole = buildDex([spec]).bytes.length;
    for (let size = 0; size < whole; size++) {
      for (const dex of restore([spec], lines, { size })) {
        expect(dex.length).toBe(size);
        expect(() => dex.view.u8(size, "byte")).toThrow(FormatError);
        for (let i = 0; i < dex.methodIdsSize; i++) expectFormatError(() => dex.methodRef(i));
        for (let i = 0; i < dex.classDefsSize; i++) expectFormatError(() => dex.classData(dex.classDef(i)));
      }
    }
  });

  test("names that add up to far more than file and mapping are left as they are, and that is said", () => {
    const arrays = Array.from({ length: 300 }, (_, i) => `${"[".repeat(i % 250)}La/b${i % 2 ? "c" : ""};`);
    const diagnostics: Diagnostics = [];
    const long = "x".repeat(60_000);
    const [dex] = restore(
      [classes({ descriptor: "La/b;", methods: arrays.map((type, i) => method(`m${i}`, type)) })],
      [`${long} -> a.b:`],
      { diagnostics },
    );
    expect(dex!.stringBytes.length).toBeLessThan(1_000_000);
    expect(new Set(diagnostics.map(({ effect, code, part }) => `${effect} ${code} ${part}`))).toEqual(
      new Set(["unread limit classes.dex"]),
    );
  });
});

function expectFormatError(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
