/** Instruction formats, by their ids in the Dalvik executable instruction formats specification. */
export type InstructionFormat =
  | "10x"
  | "12x"
  | "11n"
  | "11x"
  | "10t"
  | "20t"
  | "22x"
  | "21t"
  | "21s"
  | "21h"
  | "21c"
  | "23x"
  | "22b"
  | "22t"
  | "22s"
  | "22c"
  | "30t"
  | "32x"
  | "31i"
  | "31t"
  | "31c"
  | "35c"
  | "3rc"
  | "45cc"
  | "4rcc"
  | "51l";

/** The list that an instruction's index points into. */
export type ReferenceKind = "string" | "type" | "field" | "method" | "proto" | "call-site" | "method-handle";

/** How an invoke finds the method that runs. */
export type InvokeKind = "virtual" | "super" | "direct" | "static" | "interface" | "polymorphic" | "custom";

/** What an opcode can do; bits of {@link Opcode.flags}. */
export const OPCODE_FLAGS = {
  /** Control can go on to the next instruction. */
  CONTINUES: 1,
  /** Control can go to the target that the instruction names. */
  BRANCHES: 2,
  /** Control can go to the targets of a switch payload. */
  SWITCHES: 4,
  /** Leaves the method. */
  RETURNS: 8,
  /** Can throw, and so go on to a handler. */
  THROWS: 16,
  INVOKES: 32,
  /** Writes one register, the first that the instruction names. */
  SETS: 64,
  /** Writes a register pair, the first that the instruction names and the one after it. */
  SETS_WIDE: 128,
  /** Leaves a result for a `move-result` to take. */
  SETS_RESULT: 256,
} as const;

/** One Dalvik opcode: a row of the single table that decoding and printing go by. */
export interface Opcode {
  /** 0 to 0xff. */
  readonly value: number;
  /** `unused-3e` for a value that the specification leaves open. */
  readonly mnemonic: string;
  readonly format: InstructionFormat;
  /** In 16-bit code units, payloads apart. */
  readonly units: number;
  /** Bits of {@link OPCODE_FLAGS}; none for an unused value. */
  readonly flags: number;
  /** `invoke-polymorphic` has a `proto` as its second reference. */
  readonly referenceKind: ReferenceKind | undefined;
  readonly invokeKind: InvokeKind | undefined;
}

const { CONTINUES, BRANCHES, SWITCHES, RETURNS, THROWS, INVOKES, SETS, SETS_WIDE, SETS_RESULT } =
  OPCODE_FLAGS;

function op(
  value: number,
  mnemonic: string,
  format: InstructionFormat,
  flags: number,
  referenceKind?: ReferenceKind,
): Opcode {
  const invokeKind = /^invoke-([a-z]+)/.exec(mnemonic)?.[1] as InvokeKind | undefined;
  return { value, mnemonic, format, units: Number(format[0]), flags, referenceKind, invokeKind };
}

const defined: readonly Opcode[] = [
  op(0x00, "nop", "10x", CONTINUES),
  op(0x01, "move", "12x", CONTINUES | SETS),
  op(0x02, "move/from16", "22x", CONTINUES | SETS),
  op(0x03, "move/16", "32x", CONTINUES | SETS),
  op(0x04, "move-wide", "12x", CONTINUES | SETS_WIDE),
  op(0x05, "move-wide/from16", "22x", CONTINUES | SETS_WIDE),
  op(0x06, "move-wide/16", "32x", CONTINUES | SETS_WIDE),
  op(0x07, "move-object", "12x", CONTINUES | SETS),
  op(0x08, "move-object/from16", "22x", CONTINUES | SETS),
  op(0x09, "move-object/16", "32x", CONTINUES | SETS),
  op(0x0a, "move-result", "11x", CONTINUES | SETS),
  op(0x0b, "move-result-wide", "11x", CONTINUES | SETS_WIDE),
  op(0x0c, "move-result-object", "11x", CONTINUES | SETS),
  op(0x0d, "move-exception", "11x", CONTINUES | SETS),
  op(0x0e, "return-void", "10x", RETURNS),
  op(0x0f, "return", "11x", RETURNS),
  op(0x10, "return-wide", "11x", RETURNS),
  op(0x11, "return-object", "11x", RETURNS),
  op(0x12, "const/4", "11n", CONTINUES | SETS),
  op(0x13, "const/16", "21s", CONTINUES | SETS),
  op(0x14, "const", "31i", CONTINUES | SETS),
  op(0x15, "const/high16", "21h", CONTINUES | SETS),
  op(0x16, "const-wide/16", "21s", CONTINUES | SETS_WIDE),
  op(0x17, "const-wide/32", "31i", CONTINUES | SETS_WIDE),
  op(0x18, "const-wide", "51l", CONTINUES | SETS_WIDE),
  op(0x19, "const-wide/high16", "21h", CONTINUES | SETS_WIDE),
  op(0x1a, "const-string", "21c", CONTINUES | THROWS | SETS, "string"),
  op(0x1b, "const-string/jumbo", "31c", CONTINUES | THROWS | SETS, "string"),
  op(0x1c, "const-class", "21c", CONTINUES | THROWS | SETS, "type"),
  op(0x1d, "monitor-enter", "11x", CONTINUES | THROWS),
  op(0x1e, "monitor-exit", "11x", CONTINUES | THROWS),
  op(0x1f, "check-cast", "21c", CONTINUES | THROWS, "type"),
  op(0x20, "instance-of", "22c", CONTINUES | THROWS | SETS, "type"),
  op(0x21, "array-length", "12x", CONTINUES | THROWS | SETS),
  op(0x22, "new-instance", "21c", CONTINUES | THROWS | SETS, "type"),
  op(0x23, "new-array", "22c", CONTINUES | THROWS | SETS, "type"),
  op(0x24, "filled-new-array", "35c", CONTINUES | THROWS | SETS_RESULT, "type"),
  op(0x25, "filled-new-array/range", "3rc", CONTINUES | THROWS | SETS_RESULT, "type"),
  op(0x26, "fill-array-data", "31t", CONTINUES | THROWS),
  op(0x27, "throw", "11x", THROWS),
  op(0x28, "goto", "10t", BRANCHES),
  op(0x29, "goto/16", "20t", BRANCHES),
  op(0x2a, "goto/32", "30t", BRANCHES),
  op(0x2b, "packed-switch", "31t", CONTINUES | SWITCHES),
  op(0x2c, "sparse-switch", "31t", CONTINUES | SWITCHES),
  op(0x2d, "cmpl-float", "23x", CONTINUES | SETS),
  op(0x2e, "cmpg-float", "23x", CONTINUES | SETS),
  op(0x2f, "cmpl-double", "23x", CONTINUES | SETS),
  op(0x30, "cmpg-double", "23x", CONTINUES | SETS),
  op(0x31, "cmp-long", "23x", CONTINUES | SETS),
  op(0x32, "if-eq", "22t", CONTINUES | BRANCHES),
  op(0x33, "if-ne", "22t", CONTINUES | BRANCHES),
  op(0x34, "if-lt", "22t", CONTINUES | BRANCHES),
  op(0x35, "if-ge", "22t", CONTINUES | BRANCHES),
  op(0x36, "if-gt", "22t", CONTINUES | BRANCHES),
  op(0x37, "if-le", "22t", CONTINUES | BRANCHES),
  op(0x38, "if-eqz", "21t", CONTINUES | BRANCHES),
  op(0x39, "if-nez", "21t", CONTINUES | BRANCHES),
  op(0x3a, "if-ltz", "21t", CONTINUES | BRANCHES),
  op(0x3b, "if-gez", "21t", CONTINUES | BRANCHES),
  op(0x3c, "if-gtz", "21t", CONTINUES | BRANCHES),
  op(0x3d, "if-lez", "21t", CONTINUES | BRANCHES),
  op(0x44, "aget", "23x", CONTINUES | THROWS | SETS),
  op(0x45, "aget-wide", "23x", CONTINUES | THROWS | SETS_WIDE),
  op(0x46, "aget-object", "23x", CONTINUES | THROWS | SETS),
  op(0x47, "aget-boolean", "23x", CONTINUES | THROWS | SETS),
  op(0x48, "aget-byte", "23x", CONTINUES | THROWS | SETS),
  op(0x49, "aget-char", "23x", CONTINUES | THROWS | SETS),
  op(0x4a, "aget-short", "23x", CONTINUES | THROWS | SETS),
  op(0x4b, "aput", "23x", CONTINUES | THROWS),
  op(0x4c, "aput-wide", "23x", CONTINUES | THROWS),
  op(0x4d, "aput-object", "23x", CONTINUES | THROWS),
  op(0x4e, "aput-boolean", "23x", CONTINUES | THROWS),
  op(0x4f, "aput-byte", "23x", CONTINUES | THROWS),
  op(0x50, "aput-char", "23x", CONTINUES | THROWS),
  op(0x51, "aput-short", "23x", CONTINUES | THROWS),
  op(0x52, "iget", "22c", CONTINUES | THROWS | SETS, "field"),
  op(0x53, "iget-wide", "22c", CONTINUES | THROWS | SETS_WIDE, "field"),
  op(0x54, "iget-object", "22c", CONTINUES | THROWS | SETS, "field"),
  op(0x55, "iget-boolean", "22c", CONTINUES | THROWS | SETS, "field"),
  op(0x56, "iget-byte", "22c", CONTINUES | THROWS | SETS, "field"),
  op(0x57, "iget-char", "22c", CONTINUES | THROWS | SETS, "field"),
  op(0x58, "iget-short", "22c", CONTINUES | THROWS | SETS, "field"),
  op(0x59, "iput", "22c", CONTINUES | THROWS, "field"),
  op(0x5a, "iput-wide", "22c", CONTINUES | THROWS, "field"),
  op(0x5b, "iput-object", "22c", CONTINUES | THROWS, "field"),
  op(0x5c, "iput-boolean", "22c", CONTINUES | THROWS, "field"),
  op(0x5d, "iput-byte", "22c", CONTINUES | THROWS, "field"),
  op(0x5e, "iput-char", "22c", CONTINUES | THROWS, "field"),
  op(0x5f, "iput-short", "22c", CONTINUES | THROWS, "field"),
  op(0x60, "sget", "21c", CONTINUES | THROWS | SETS, "field"),
  op(0x61, "sget-wide", "21c", CONTINUES | THROWS | SETS_WIDE, "field"),
  op(0x62, "sget-object", "21c", CONTINUES | THROWS | SETS, "field"),
  op(0x63, "sget-boolean", "21c", CONTINUES | THROWS | SETS, "field"),
  op(0x64, "sget-byte", "21c", CONTINUES | THROWS | SETS, "field"),
  op(0x65, "sget-char", "21c", CONTINUES | THROWS | SETS, "field"),
  op(0x66, "sget-short", "21c", CONTINUES | THROWS | SETS, "field"),
  op(0x67, "sput", "21c", CONTINUES | THROWS, "field"),
  op(0x68, "sput-wide", "21c", CONTINUES | THROWS, "field"),
  op(0x69, "sput-object", "21c", CONTINUES | THROWS, "field"),
  op(0x6a, "sput-boolean", "21c", CONTINUES | THROWS, "field"),
  op(0x6b, "sput-byte", "21c", CONTINUES | THROWS, "field"),
  op(0x6c, "sput-char", "21c", CONTINUES | THROWS, "field"),
  op(0x6d, "sput-short", "21c", CONTINUES | THROWS, "field"),
  op(0x6e, "invoke-virtual", "35c", CONTINUES | THROWS | INVOKES | SETS_RESULT, "method"),
  op(0x6f, "invoke-super", "35c", CONTINUES | THROWS | INVOKES | SETS_RESULT, "method"),
  op(0x70, "invoke-direct", "35c", CONTINUES | THROWS | INVOKES | SETS_RESULT, "method"),
  op(0x71, "invoke-static", "35c", CONTINUES | THROWS | INVOKES | SETS_RESULT, "method"),
  op(0x72, "invoke-interface", "35c", CONTINUES | THROWS | INVOKES | SETS_RESULT, "method"),
  op(0x74, "invoke-virtual/range", "3rc", CONTINUES | THROWS | INVOKES | SETS_RESULT, "method"),
  op(0x75, "invoke-super/range", "3rc", CONTINUES | THROWS | INVOKES | SETS_RESULT, "method"),
  op(0x76, "invoke-direct/range", "3rc", CONTINUES | THROWS | INVOKES | SETS_RESULT, "method"),
  op(0x77, "invoke-static/range", "3rc", CONTINUES | THROWS | INVOKES | SETS_RESULT, "method"),
  op(0x78, "invoke-interface/range", "3rc", CONTINUES | THROWS | INVOKES | SETS_RESULT, "method"),
  op(0x7b, "neg-int", "12x", CONTINUES | SETS),
  op(0x7c, "not-int", "12x", CONTINUES | SETS),
  op(0x7d, "neg-long", "12x", CONTINUES | SETS_WIDE),
  op(0x7e, "not-long", "12x", CONTINUES | SETS_WIDE),
  op(0x7f, "neg-float", "12x", CONTINUES | SETS),
  op(0x80, "neg-double", "12x", CONTINUES | SETS_WIDE),
  op(0x81, "int-to-long", "12x", CONTINUES | SETS_WIDE),
  op(0x82, "int-to-float", "12x", CONTINUES | SETS),
  op(0x83, "int-to-double", "12x", CONTINUES | SETS_WIDE),
  op(0x84, "long-to-int", "12x", CONTINUES | SETS),
  op(0x85, "long-to-float", "12x", CONTINUES | SETS),
  op(0x86, "long-to-double", "12x", CONTINUES | SETS_WIDE),
  op(0x87, "float-to-int", "12x", CONTINUES | SETS),
  op(0x88, "float-to-long", "12x", CONTINUES | SETS_WIDE),
  op(0x89, "float-to-double", "12x", CONTINUES | SETS_WIDE),
  op(0x8a, "double-to-int", "12x", CONTINUES | SETS),
  op(0x8b, "double-to-long", "12x", CONTINUES | SETS_WIDE),
  op(0x8c, "double-to-float", "12x", CONTINUES | SETS),
  op(0x8d, "int-to-byte", "12x", CONTINUES | SETS),
  op(0x8e, "int-to-char", "12x", CONTINUES | SETS),
  op(0x8f, "int-to-short", "12x", CONTINUES | SETS),
  op(0x90, "add-int", "23x", CONTINUES | SETS),
  op(0x91, "sub-int", "23x", CONTINUES | SETS),
  op(0x92, "mul-int", "23x", CONTINUES | SETS),
  op(0x93, "div-int", "23x", CONTINUES | THROWS | SETS),
  op(0x94, "rem-int", "23x", CONTINUES | THROWS | SETS),
  op(0x95, "and-int", "23x", CONTINUES | SETS),
  op(0x96, "or-int", "23x", CONTINUES | SETS),
  op(0x97, "xor-int", "23x", CONTINUES | SETS),
  op(0x98, "shl-int", "23x", CONTINUES | SETS),
  op(0x99, "shr-int", "23x", CONTINUES | SETS),
  op(0x9a, "ushr-int", "23x", CONTINUES | SETS),
  op(0x9b, "add-long", "23x", CONTINUES | SETS_WIDE),
  op(0x9c, "sub-long", "23x", CONTINUES | SETS_WIDE),
  op(0x9d, "mul-long", "23x", CONTINUES | SETS_WIDE),
  op(0x9e, "div-long", "23x", CONTINUES | THROWS | SETS_WIDE),
  op(0x9f, "rem-long", "23x", CONTINUES | THROWS | SETS_WIDE),
  op(0xa0, "and-long", "23x", CONTINUES | SETS_WIDE),
  op(0xa1, "or-long", "23x", CONTINUES | SETS_WIDE),
  op(0xa2, "xor-long", "23x", CONTINUES | SETS_WIDE),
  op(0xa3, "shl-long", "23x", CONTINUES | SETS_WIDE),
  op(0xa4, "shr-long", "23x", CONTINUES | SETS_WIDE),
  op(0xa5, "ushr-long", "23x", CONTINUES | SETS_WIDE),
  op(0xa6, "add-float", "23x", CONTINUES | SETS),
  op(0xa7, "sub-float", "23x", CONTINUES | SETS),
  op(0xa8, "mul-float", "23x", CONTINUES | SETS),
  op(0xa9, "div-float", "23x", CONTINUES | SETS),
  op(0xaa, "rem-float", "23x", CONTINUES | SETS),
  op(0xab, "add-double", "23x", CONTINUES | SETS_WIDE),
  op(0xac, "sub-double", "23x", CONTINUES | SETS_WIDE),
  op(0xad, "mul-double", "23x", CONTINUES | SETS_WIDE),
  op(0xae, "div-double", "23x", CONTINUES | SETS_WIDE),
  op(0xaf, "rem-double", "23x", CONTINUES | SETS_WIDE),
  op(0xb0, "add-int/2addr", "12x", CONTINUES | SETS),
  op(0xb1, "sub-int/2addr", "12x", CONTINUES | SETS),
  op(0xb2, "mul-int/2addr", "12x", CONTINUES | SETS),
  op(0xb3, "div-int/2addr", "12x", CONTINUES | THROWS | SETS),
  op(0xb4, "rem-int/2addr", "12x", CONTINUES | THROWS | SETS),
  op(0xb5, "and-int/2addr", "12x", CONTINUES | SETS),
  op(0xb6, "or-int/2addr", "12x", CONTINUES | SETS),
  op(0xb7, "xor-int/2addr", "12x", CONTINUES | SETS),
  op(0xb8, "shl-int/2addr", "12x", CONTINUES | SETS),
  op(0xb9, "shr-int/2addr", "12x", CONTINUES | SETS),
  op(0xba, "ushr-int/2addr", "12x", CONTINUES | SETS),
  op(0xbb, "add-long/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xbc, "sub-long/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xbd, "mul-long/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xbe, "div-long/2addr", "12x", CONTINUES | THROWS | SETS_WIDE),
  op(0xbf, "rem-long/2addr", "12x", CONTINUES | THROWS | SETS_WIDE),
  op(0xc0, "and-long/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xc1, "or-long/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xc2, "xor-long/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xc3, "shl-long/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xc4, "shr-long/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xc5, "ushr-long/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xc6, "add-float/2addr", "12x", CONTINUES | SETS),
  op(0xc7, "sub-float/2addr", "12x", CONTINUES | SETS),
  op(0xc8, "mul-float/2addr", "12x", CONTINUES | SETS),
  op(0xc9, "div-float/2addr", "12x", CONTINUES | SETS),
  op(0xca, "rem-float/2addr", "12x", CONTINUES | SETS),
  op(0xcb, "add-double/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xcc, "sub-double/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xcd, "mul-double/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xce, "div-double/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xcf, "rem-double/2addr", "12x", CONTINUES | SETS_WIDE),
  op(0xd0, "add-int/lit16", "22s", CONTINUES | SETS),
  op(0xd1, "rsub-int", "22s", CONTINUES | SETS),
  op(0xd2, "mul-int/lit16", "22s", CONTINUES | SETS),
  op(0xd3, "div-int/lit16", "22s", CONTINUES | THROWS | SETS),
  op(0xd4, "rem-int/lit16", "22s", CONTINUES | THROWS | SETS),
  op(0xd5, "and-int/lit16", "22s", CONTINUES | SETS),
  op(0xd6, "or-int/lit16", "22s", CONTINUES | SETS),
  op(0xd7, "xor-int/lit16", "22s", CONTINUES | SETS),
  op(0xd8, "add-int/lit8", "22b", CONTINUES | SETS),
  op(0xd9, "rsub-int/lit8", "22b", CONTINUES | SETS),
  op(0xda, "mul-int/lit8", "22b", CONTINUES | SETS),
  op(0xdb, "div-int/lit8", "22b", CONTINUES | THROWS | SETS),
  op(0xdc, "rem-int/lit8", "22b", CONTINUES | THROWS | SETS),
  op(0xdd, "and-int/lit8", "22b", CONTINUES | SETS),
  op(0xde, "or-int/lit8", "22b", CONTINUES | SETS),
  op(0xdf, "xor-int/lit8", "22b", CONTINUES | SETS),
  op(0xe0, "shl-int/lit8", "22b", CONTINUES | SETS),
  op(0xe1, "shr-int/lit8", "22b", CONTINUES | SETS),
  op(0xe2, "ushr-int/lit8", "22b", CONTINUES | SETS),
  op(0xfa, "invoke-polymorphic", "45cc", CONTINUES | THROWS | INVOKES | SETS_RESULT, "method"),
  op(0xfb, "invoke-polymorphic/range", "4rcc", CONTINUES | THROWS | INVOKES | SETS_RESULT, "method"),
  op(0xfc, "invoke-custom", "35c", CONTINUES | THROWS | INVOKES | SETS_RESULT, "call-site"),
  op(0xfd, "invoke-custom/range", "3rc", CONTINUES | THROWS | INVOKES | SETS_RESULT, "call-site"),
  op(0xfe, "const-method-handle", "21c", CONTINUES | THROWS | SETS, "method-handle"),
  op(0xff, "const-method-type", "21c", CONTINUES | THROWS | SETS, "proto"),
];

function buildOpcodes(): readonly Opcode[] {
  // ART gives an unused opcode one code unit, and so steps over it; its verifier refuses the method.
  const table = Array.from({ length: 256 }, (_, value) =>
    op(value, `unused-${value.toString(16).padStart(2, "0")}`, "10x", 0),
  );
  for (const opcode of defined) table[opcode.value] = opcode;
  return table;
}

/** All 256 opcodes by value, from the Dalvik bytecode specification. */
export const OPCODES: readonly Opcode[] = buildOpcodes();

/** Size of an instruction in 16-bit code units, by opcode value. Payloads (`nop` with a high byte) apart. */
export const INSTRUCTION_UNITS: Uint8Array = Uint8Array.from(OPCODES, (opcode) => opcode.units);
