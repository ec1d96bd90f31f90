import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type NameMapping, parseNameMapping } from "../../src/dex/index.js";
import { UsageError } from "../../src/diagnostics/index.js";

function parse(...lines: readonly string[]): NameMapping {
  return parseNameMapping(new TextEncoder().encode(lines.join("\n")), "mapping.txt");
}

/** What a member of `a.b` was called: its class too, where that is another. */
function findMember(mapping: NameMapping, newName: string, descriptor: string, residual = descriptor) {
  const member = mapping.find("La/b;")?.find(newName, descriptor, residual);
  return member?.owner === undefined ? member?.name : `${member.owner}->${member.name}`;
}

describe("classes", () => {
  test.each([
    ["com.acme.Sdk -> a.b:", "La/b;", "Lcom/acme/Sdk;"],
    ["com.acme.Sdk$Inner$1 -> a.b$a:", "La/b$a;", "Lcom/acme/Sdk$Inner$1;"],
    ["Sdk -> b:", "Lb;", "LSdk;"],
    ["com.acme.Sdk -> com.acme.Sdk:", "Lcom/acme/Sdk;", "Lcom/acme/Sdk;"],
    ["com.acme.-$$Lambda$x_Y -> a.b:", "La/b;", "Lcom/acme/-$$Lambda$x_Y;"],
    ["com.acme.A\u3000B -> a.\u00a0:", "La/\u00a0;", "Lcom/acme/A\u3000B;"],
    ["com.acme.Größe -> a.é:", "La/é;", "Lcom/acme/Größe;"],
    ["com.acme.Gone -> R8$$REMOVED$$CLASS$$0:", "LR8$$REMOVED$$CLASS$$0;", "Lcom/acme/Gone;"],
    ["com.acme.Sdk -> __proto__:", "L__proto__;", "Lcom/acme/Sdk;"],
  ])("%s", (line, descriptor, original) => {
    expect(parse(line).find(descriptor)?.descriptor).toBe(original);
  });

  test("that swap their names keep them apart", () => {
    const mapping = parse("a -> b:", "b -> a:");
    expect([mapping.find("La;")?.descriptor, mapping.find("Lb;")?.descriptor]).toEqual(["Lb;", "La;"]);
  });

  test("of two with one new name the first counts", () => {
    const mapping = parse("com.First -> a.b:", "    int x -> a", "com.Second -> a.b:", "    int y -> b");
    expect(mapping.find("La/b;")?.descriptor).toBe("Lcom/First;");
    expect(findMember(mapping, "b", "I")).toBeUndefined();
    expect(mapping.classes).toBe(1);
  });

  test("by dotted name; a name that nobody gave is left as it is", () => {
    const mapping = parse("com.acme.Sdk -> a.b:");
    expect(["a.b", "a.c", "", "constructor"].map((name) => mapping.restoreClassName(name))).toEqual([
      "com.acme.Sdk",
      "a.c",
      "",
      "constructor",
    ]);
  });
});

describe("members of com.acme.Sdk, a.b", () => {
  test.each([
    ["    int count -> a", "a", "I", "count"],
    ["    java.lang.String[][] names -> a", "a", "[[Ljava/lang/String;", "names"],
    ["    int count -> count", "count", "I", "count"],
    ["    void run() -> a", "a", "()V", "run"],
    ["    boolean is(byte,char,short,long,float,double) -> a", "a", "(BCSJFD)Z", "is"],
    ["    int[] of(com.acme.Sdk$Key,int[]) -> a", "a", "(Lcom/acme/Sdk$Key;[I)[I", "of"],
    ["    1:5:void run():10:14 -> a", "a", "()V", "run"],
    ["    81:127:void run() -> a", "a", "()V", "run"],
    ["    1:5:void run():10 -> a", "a", "()V", "run"],
    ["    0:65535:void run():0:0 -> a", "a", "()V", "run"],
    ["\tvoid run() -> a", "a", "()V", "run"],
    ["  void run(int, int) -> a", "a", "(II)V", "run"],
    ["    void access$000(int) -> a", "a", "(I)V", "access$000"],
    ["    void with space() -> a", "a", "()V", "with space"],
    ["    void com.acme.Sdk.run() -> a", "a", "()V", "run"],
    ["    void run() -> __proto__", "__proto__", "()V", "run"],
    ["    1:2:void com.other.Bar.run():7:8 -> a", "a", "()V", "Lcom/other/Bar;->run"],
    ["    int com.other.Bar.count -> a", "a", "I", "Lcom/other/Bar;->count"],
    ["    1:1:void <init>():5:5 -> <init>", "<init>", "()V", undefined],
  ])("%s", (line, newName, descriptor, name) => {
    expect(findMember(parse("com.acme.Sdk -> a.b:", line), newName, descriptor)).toBe(name);
  });

  test("overloads of one new name are told apart by what they take", () => {
    const mapping = parse(
      "com.acme.Sdk -> a.b:",
      "    void one(int) -> a",
      "    void two(long) -> a",
      "    int f -> a",
    );
    expect(findMember(mapping, "a", "(I)V")).toBe("one");
    expect(findMember(mapping, "a", "(J)V")).toBe("two");
    expect(findMember(mapping, "a", "I")).toBe("f");
    expect(findMember(mapping, "a", "(Z)V")).toBeUndefined();
    expect(mapping.find("La/b;")?.findSole("a", "(Z)V")).toBeUndefined();
    expect(mapping.find("La/b;")?.findSole("a", "I")?.name).toBe("f");
  });

  test("of frames that share lines the outermost names the method", () => {
    const mapping = parse(
      "com.acme.Sdk -> a.b:",
      "    1:1:void com.other.Bar.baz():54:54 -> t",
      "    1:1:void helper():44 -> t",
      "    1:1:void run(int):40 -> t",
      "    2:3:void run(int):41:42 -> t",
    );
    expect(findMember(mapping, "t", "(I)V")).toBe("run");
    expect(findMember(mapping, "t", "()V")).toBeUndefined();
    expect(mapping.find("La/b;")?.findSole("t", "(Z)V")?.name).toBe("run");
  });

  test("a frame inlined in the method of another class names nothing", () => {
    const mapping = parse(
      "com.acme.Sdk -> a.b:",
      "    1:1:void helper():44:44 -> t",
      "    1:1:void com.other.Bar.run(int):40 -> t",
    );
    expect(findMember(mapping, "t", "(I)V")).toBe("Lcom/other/Bar;->run");
    expect(findMember(mapping, "t", "()V")).toBeUndefined();
  });

  test("two methods of one line are no frames of each other", () => {
    const mapping = parse("com.acme.Sdk -> a.b:", "    9:9:int x() -> a", "    9:9:long y() -> a");
    expect([findMember(mapping, "a", "()I"), findMember(mapping, "a", "()J")]).toEqual(["x", "y"]);
  });

  test("a signature that R8 changed is the one in the DEX file", () => {
    const mapping = parse(
      '# {"id":"com.android.tools.r8.mapping","version":"2.2"}',
      "com.acme.Sdk -> a.b:",
      "    1:1:void run(int,long):5:5 -> a",
      '      # {"id":"com.android.tools.r8.residualsignature","signature":"(La/c;)V"}',
      "    2:2:void run(int,long):6:6 -> a",
      "    int count -> f",
      "    # { id: 'com.android.tools.r8.residualsignature', signature: 'Z' }",
    );
    expect(mapping.header.hasResidualSignatures).toBe(true);
    expect(findMember(mapping, "a", "(Lcom/acme/Key;)V", "(La/c;)V")).toBe("run");
    expect(findMember(mapping, "a", "(IJ)V")).toBeUndefined();
    expect(findMember(mapping, "f", "Z")).toBe("count");
  });
});

describe("what stands around them", () => {
  test("comments, empty lines, a byte order mark and CRLF are passed over", () => {
    const mapping = parse(
      "\ufeff# compiler: R8\r",
      "# pg_map_id: 4be8256\r",
      "# pg_map_hash: SHA-256 4be82561ad6ce216\r",
      "\r",
      "com.acme.Sdk -> a.b:\r",
      '# {"id":"sourceFile","fileName":"Sdk.java"}\r',
      "    # {not json\r",
      "    void run() -> a\r",
      "",
    );
    expect(mapping.header).toEqual({ ids: ["4be8256", "4be82561ad6ce216"], hasResidualSignatures: false });
    expect(findMember(mapping, "a", "()V")).toBe("run");
  });

  test("a file without lines names nothing", () => {
    expect([parse("").classes, parse("# compiler: R8", "").classes]).toEqual([0, 0]);
  });
});

describe("what is no mapping is refused by its line", () => {
  const header = "com.acme.Sdk -> a.b:";
  test.each([
    ["PK\u0003\u0004", 1, "is no line of a mapping"],
    ["com.acme.Sdk -> a.b", 1, "is no line of a mapping"],
    ["com.acme.Sdk a.b:", 1, "is no line of a mapping"],
    [" -> a.b:", 1, "no class stands above it"],
    ["com/acme/Sdk -> a.b:", 1, '"com/acme/Sdk" is no name of a class'],
    ["com.acme.Sdk -> a b:", 1, '"a b" is no name of a class'],
    ["com.acme.Sdk -> :", 1, '"" is no name of a class'],
    ["    void run() -> a", 1, "no class stands above it"],
    [`${header}\n    void run() ->`, 2, "is no member"],
    [`${header}\n    void run( -> a`, 2, "is no member"],
    [`${header}\n    void run()x -> a`, 2, "is no member"],
    [`${header}\n    run -> a`, 2, "is no member"],
    [`${header}\n    void  -> a`, 2, "is no member"],
    [`${header}\n    void run() -> a.b`, 2, "is no member"],
    [`${header}\n    void run():1:2:3 -> a`, 2, "is no member"],
    [`${header}\n    void run(,) -> a`, 2, '"" is no name of a class'],
    [`${header}\n\n    int;x y -> a`, 3, '"int;x" is no name of a class'],
    [`${header}\n    int${"[]".repeat(256)} y -> a`, 2, "is no member"],
    [
      `${header}\n    void run(${"a".repeat(70_000)}) -> a`,
      2,
      "a descriptor is longer than 65535 characters",
    ],
    ["x".repeat(300_000), 1, "a line of 300000 bytes is no mapping's"],
  ])("%#", (text, line, problem) => {
    const attempt = () => parse(text);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(`mapping.txt:${line}: `);
    expect(attempt).toThrow(problem);
    expect(attempt).toThrow("Give the mapping.txt that R8 or ProGuard wrote");
  });

  test("any bytes give a mapping or a UsageError", () => {
    const text = fc.string({
      unit: fc.constantFrom(..."a.$:;[]()<>,-># \t\r\n/1", " -> ", "void "),
      maxLength: 80,
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), text), (input) => {
        const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
        try {
          parseNameMapping(bytes, "m");
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
        }
      }),
    );
  });
});

describe("laws", () => {
  const identifier = fc.stringMatching(/^[a-zA-Z_$][a-zA-Z0-9_$-]{0,8}$/);
  const className = fc.array(identifier, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("."));
  const pairs = fc.uniqueArray(fc.tuple(className, className), { selector: ([, to]) => to, maxLength: 20 });

  test("what is written is found, in any order of the classes, whatever ends the lines", () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom("\n", "\r\n"), fc.boolean(), (classes, end, isReversed) => {
        const lines = (isReversed ? [...classes].reverse() : classes).flatMap(([from, to]) => [
          `${from} -> ${to}:`,
          `    ${from}[] own(${from},int) -> m`,
        ]);
        const mapping = parseNameMapping(new TextEncoder().encode(lines.join(end)), "m");
        for (const [from, to] of classes) {
          const descriptor = `L${from.replaceAll(".", "/")};`;
          const found = mapping.find(`L${to.replaceAll(".", "/")};`);
          expect(found?.descriptor).toBe(descriptor);
          expect(found?.find("m", `(${descriptor}I)[${descriptor}`, "")?.name).toBe("own");
          expect(mapping.restoreClassName(to)).toBe(from);
        }
        expect(mapping.classes).toBe(classes.length);
      }),
    );
  });
});

describe("a file made to cost", () => {
  const lines = 200_000;
  test.each([
    ["members of one name", (i: number) => `    void m${i}(int) -> a`],
    ["overloads of one name", (i: number) => `    void m(a${i}) -> a`],
    ["frames of one method", (i: number) => `    1:1:void m${i}():5 -> a`],
    [
      "comments on one member",
      () => `# "signature" : ${"signature:".repeat(20)} com.android.tools.r8.residualsignature`,
    ],
    ["arrows", () => `    int x${" -> a".repeat(40)} -> a`],
  ])("%s: in proportion to its size", (_, line) => {
    const small = cost(lines / 10, line);
    const large = cost(lines, line);
    expect(large).toBeLessThan(40 * small + 1_000);
  });

  function cost(count: number, line: (i: number) => string): number {
    const text = ["a.B -> a.b:", ...Array.from({ length: count }, (_, i) => line(i))].join("\n");
    const bytes = new TextEncoder().encode(text);
    const started = process.cpuUsage();
    try {
      parseNameMapping(bytes, "m");
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1_000;
  }
});
