/** A policy file with one rule, in YAML's short form. */
export const withRule = (rule: string) => `policy-version: 1\nrules:\n  - ${rule}\n`;

const withException = (exception: string) =>
  `${withRule("{ id: a, deny: { sdk: x } }")}exceptions:\n  - ${exception}\n`;

const because = "because: It was looked at, owner: a team";

const tenOf = (alias: string) => `[${`*${alias},`.repeat(10)}]`;
const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b ${tenOf("a")}\nc: &c ${tenOf("b")}\nd: ${tenOf("c")}`;

/** An id for which a pattern has to remember more than there is room for. */
const endless = `${"a-".repeat(2_000_000)}a`;

const tooMany: Readonly<Record<string, string>> = {
  rules: "{ id: a, deny: { sdk: x } }",
  exceptions: `{ rule: a, ${because} }`,
  extends: "children",
  disable: "a",
};

/** Mistakes that the schema tells: each with its place and what must be said. */
export const schemaMistakes: readonly (readonly [what: string, text: string, complaint: RegExp])[] = [
  ["an empty file", "", /^p\.yaml:1:1: .*expected object/],
  ["a comment alone", "# none yet\n", /^p\.yaml:\d+:1: .*expected object/],
  ["a list at the top", "- id: a\n", /^p\.yaml:1:1: .*expected object, received array/],
  ["a sentence", "No trackers, please", /^p\.yaml:1:1: .*expected object, received string/],
  ["no version", "rules: []", /^p\.yaml:1:1: `policy-version` is missing/],
  ["a later version", "policy-version: 2", /^p\.yaml:1:17: policy-version: .*expected 1/],
  ["the version as a text", 'policy-version: "1"', /^p\.yaml:1:17: policy-version: .*expected 1/],
  [
    "a number beyond all",
    "policy-version: 99999999999999999999",
    /^p\.yaml:1:17: policy-version: .*expected 1/,
  ],
  [
    "a key that is not known",
    "policy-version: 1\nrule: []",
    /^p\.yaml:2:\d+: Unrecognized key: "rule"\n.*`rule`/,
  ],
  ["a key of another kind", "policy-version: 1\n? [a]\n: b", /^p\.yaml:\d+:\d+: Unrecognized key/],
  [
    "a key of JavaScript's",
    "policy-version: 1\n__proto__: { rules: [] }",
    /^p\.yaml:2:\d+: Unrecognized key/,
  ],
  ["rules of nothing", "policy-version: 1\nrules:\n", /^p\.yaml:2:7: rules: .*expected array, received null/],
  ["a NUL", "policy-version: 1\nrules: \0", /^p\.yaml:2:8: rules: .*expected array, received string/],
  [
    "one base without a list",
    "policy-version: 1\nextends: children",
    /^p\.yaml:2:10: extends: .*expected array/,
  ],
  ["a rule without an id", withRule("{ deny: { sdk: x } }"), /^p\.yaml:3:5: `rules\.0\.id` is missing/],
  [
    "an id in capitals",
    withRule("{ id: No-Ads, deny: { sdk: x } }"),
    /^p\.yaml:3:11: rules\.0\.id: an id is kebab-case/,
  ],
  [
    "a slip in a rule",
    withRule("{ id: a, dney: { sdk: x } }"),
    /^p\.yaml:3:\d+: rules\.0: Unrecognized key: "dney"/,
  ],
  [
    "a slip in a selector",
    withRule("{ id: a, deny: { skd: x } }"),
    /^p\.yaml:3:\d+: rules\.0\.deny: Unrecognized key: "skd"/,
  ],
  [
    "a switch that is denied",
    withRule("{ id: a, deny: { switched-off: any } }"),
    /^p\.yaml:3:\d+: .*"switched-off"/,
  ],
  ["a denial of nothing", withRule("{ id: a, deny: {} }"), /^p\.yaml:3:20: rules\.0\.deny: says nothing/],
  ["a denial left empty", withRule("id: a\n    deny:"), /^p\.yaml:4:10: rules\.0\.deny: .*received null/],
  [
    "a list of denials",
    withRule("{ id: a, deny: [{ sdk: x }] }"),
    /^p\.yaml:3:20: rules\.0\.deny: .*received array/,
  ],
  ["an empty list", withRule("{ id: a, deny: { sdk: [] } }"), /^p\.yaml:3:27: rules\.0\.deny\.sdk: /],
  [
    "a number for an SDK",
    withRule("{ id: a, deny: { sdk: 5 } }"),
    /^p\.yaml:3:27: rules\.0\.deny\.sdk: .*expected string/,
  ],
  [
    "a kind of party that there is not",
    withRule("{ id: a, deny: { party: 3rd-party } }"),
    /^p\.yaml:3:29: .*"third-party"\|"sdk"/,
  ],
  [
    "a category that there is not",
    withRule("{ id: a, deny: { category: [social, ads] } }"),
    /^p\.yaml:3:41: rules\.0\.deny\.category\.1: .*"advertising"/,
  ],
  [
    "a country in small letters",
    withRule("{ id: a, deny: { country: us } }"),
    /^p\.yaml:3:31: .*two capitals/,
  ],
  [
    "Norway, in YAML 1.1's eyes",
    withRule("{ id: a, deny: { country: [NO, no] } }"),
    /^p\.yaml:3:36: rules\.0\.deny\.country\.1: .*two capitals/,
  ],
  [
    "a URL for a host",
    withRule("{ id: a, deny: { host: 'https://x.example/' } }"),
    /^p\.yaml:3:28: .*lower-case domain name/,
  ],
  [
    "a star inside a host",
    withRule("{ id: a, deny: { host: 'a.*.example' } }"),
    /^p\.yaml:3:28: .*lower-case domain name/,
  ],
  ["all hosts", withRule("{ id: a, deny: { host: '*' } }"), /^p\.yaml:3:28: .*lower-case domain name/],
  [
    "a rung that there is not",
    withRule("{ id: a, deny: { rung: proven } }"),
    /^p\.yaml:3:28: .*"permitted"\|"referenced"/,
  ],
  [
    "a kind of finding that there is not",
    withRule("{ id: a, deny: { finding: tracking } }"),
    /^p\.yaml:3:31: .*"data-access"/,
  ],
  [
    "a severity that there is not",
    withRule("{ id: a, deny: { sdk: x }, severity: fatal }"),
    /^p\.yaml:3:42: .*"error"\|"warning"/,
  ],
  [
    "a reason that is empty",
    withRule("{ id: a, deny: { sdk: x }, because: '' }"),
    /^p\.yaml:3:41: rules\.0\.because: /,
  ],
  [
    "a day that is none",
    withException(`{ rule: a, ${because}, until: 2026-13-01 }`),
    /^p\.yaml:5:\d+: exceptions\.0\.until: is no day of the calendar; one is written 2026-01-31/,
  ],
  [
    "the 30th of February",
    withException(`{ rule: a, ${because}, until: 2026-02-30 }`),
    /^p\.yaml:5:\d+: exceptions\.0\.until: is no day/,
  ],
  [
    "a day without zeros",
    withException(`{ rule: a, ${because}, until: 2026-1-1 }`),
    /^p\.yaml:5:\d+: exceptions\.0\.until: is no day/,
  ],
  [
    "an exception without an owner",
    withException("{ rule: a, because: It was looked at }"),
    /^p\.yaml:5:5: `exceptions\.0\.owner` is missing/,
  ],
  [
    "an exception without a reason",
    withException("{ rule: a, owner: me }"),
    /^p\.yaml:5:5: `exceptions\.0\.because` is missing/,
  ],
  [
    "a merge of YAML 1.1",
    withRule("&a { id: a, deny: { sdk: x } }\n  - { <<: *a, id: b }"),
    /^p\.yaml:4:\d+: rules\.1: Unrecognized key: "<<"/,
  ],
  ["a list that holds itself", "policy-version: 1\nrules: &r [*r]", /^p\.yaml:2:\d+: rules\.0: /],
  [
    "an id longer than any",
    withRule(`{ id: ${"a".repeat(101)}, deny: { sdk: x } }`),
    /^p\.yaml:3:11: rules\.0\.id: Too big: expected string to have <=100 characters\n/,
  ],
  [
    "an id of which the pattern has no end",
    withRule(`{ id: ${endless}, deny: { sdk: x } }`),
    /^p\.yaml:3:11: rules\.0\.id: Too big/,
  ],
  [
    "such an id in a list",
    withRule(`{ id: a, deny: { company: [acme, ${endless}] } }`),
    /^p\.yaml:3:38: rules\.0\.deny\.company\.1: Too big/,
  ],
  [
    "such a host",
    withRule(`{ id: a, deny: { host: ${endless.replaceAll("-", ".")} } }`),
    /^p\.yaml:3:28: rules\.0\.deny\.host: Too big: expected string to have <=253 characters/,
  ],
  [
    "a name longer than any",
    withRule(`{ id: a, deny: { sdk: ${"x".repeat(501)} } }`),
    /^p\.yaml:3:27: rules\.0\.deny\.sdk: Too big: expected string to have <=500 characters/,
  ],
  ...["title", "because", "fix"].map(
    (key) =>
      [
        `a ${key} longer than a sentence`,
        withRule(`{ id: a, deny: { sdk: x }, ${key}: ${"x".repeat(2_001)} }`),
        new RegExp(`: rules\\.0\\.${key}: Too big: expected string to have <=2000 characters`),
      ] as const,
  ),
  [
    "an owner longer than any",
    withException(`{ rule: a, because: x, owner: ${"x".repeat(501)} }`),
    /: exceptions\.0\.owner: Too big: expected string to have <=500 characters/,
  ],
  [
    "more values than any",
    withRule(`{ id: a, deny: { sdk: [${"x,".repeat(2_001)}] } }`),
    /^p\.yaml:3:27: rules\.0\.deny\.sdk: Too big: expected array to have <=2000 items/,
  ],
  ...["rules", "exceptions", "extends", "disable"].map(
    (key) =>
      [
        `more ${key} than any`,
        `policy-version: 1\n${key}: [${`${tooMany[key]},`.repeat(2_001)}]`,
        new RegExp(`^p\\.yaml:2:\\d+: ${key}: Too big: expected array to have <=2000 items`),
      ] as const,
  ),
];

/** What is no YAML, or not only one document of it. */
export const yamlMistakes: readonly (readonly [what: string, text: string, complaint: RegExp])[] = [
  [
    "a tab",
    "policy-version: 1\nrules:\n\t- id: a",
    /^p\.yaml:3:1: Tabs are not allowed as indentation\n {2}Mend/,
  ],
  ["a key twice", "policy-version: 1\npolicy-version: 1", /^p\.yaml:2:1: Map keys must be unique\n/],
  [
    "two documents",
    "policy-version: 1\n---\npolicy-version: 1\n",
    /^p\.yaml:2:1: a second document begins here\n/,
  ],
  [
    "an anchor that is not there",
    "policy-version: 1\nrules: *mine",
    /^p\.yaml:2:8: Unresolved alias .*: mine\n/,
  ],
  ["aliases without end", bomb, /^p\.yaml:2:8: Excessive alias count/],
  ["brackets without end", `rules: ${"[".repeat(5_000)}`, /^p\.yaml:1:\d+: Maximum call stack/],
  ["a quote that does not end", 'policy-version: "1', /^p\.yaml:1:\d+: Missing closing "quote/],
];

/** Forms that the schema lets through and that mean nothing. */
export const formMistakes: readonly (readonly [what: string, text: string, complaint: RegExp])[] = [
  [
    "neither denied nor required",
    withRule("{ id: a }"),
    /^p\.yaml:3:5: rule `a` has neither `deny` nor `require`\n/,
  ],
  ["both", withRule("{ id: a, deny: { sdk: x }, require: { sdk: y } }"), /^p\.yaml:3:5: rule `a` has both/],
  [
    "an id twice",
    withRule("{ id: a, deny: { sdk: x } }\n  - { id: a, deny: { sdk: y } }"),
    /^p\.yaml:4:11: there are two rules `a`/,
  ],
  ...["lockfile", "data-safety", "exceptions", "reading"].map(
    (id) =>
      [
        `the id ${id}`,
        withRule(`{ id: ${id}, deny: { sdk: x } }`),
        /^p\.yaml:3:11: `.*` is the id of a check of its own\n/,
      ] as const,
  ),
  [
    "a requirement with unless",
    withRule("{ id: a, require: { sdk: x }, unless: { sdk: y } }"),
    /^p\.yaml:3:4\d: `unless` leaves things alone/,
  ],
  [
    "a permission that is a host",
    withRule("{ id: a, deny: { permission: NFC, host: x.example } }"),
    /^p\.yaml:3:\d+: nothing is `permission` and `host` at once/,
  ],
  [
    "a permission that is a data type",
    withRule("{ id: a, deny: { permission: NFC, data-type: contacts } }"),
    /nothing is `permission` and `data-type` at once\n {2}Make a rule of each/,
  ],
  [
    "a kind of data of a permission",
    withRule("{ id: a, deny: { yields: imei-meid, permission: READ_CONTACTS } }"),
    /^p\.yaml:3:30: .*an access to data alone/,
  ],
  [
    "the rung of a permission",
    withRule("{ id: a, deny: { permission: NFC, rung: permitted } }"),
    /a `rung` is one of an access to data/,
  ],
  [
    "a host before consent",
    withRule("{ id: a, deny: { host: a.example, before-consent: true } }"),
    /a `before-consent` is one of an access to data/,
  ],
  [
    "what is let alone before consent",
    withRule("{ id: a, deny: { data-type: contacts }, unless: { before-consent: true } }"),
    /`unless` names parties, data types, permissions, hosts or findings: `before-consent` tells none apart/,
  ],
  [
    "a switch before consent",
    withRule("{ id: a, require: { switched-off: any, before-consent: true } }"),
    /`switched-off` and `before-consent` are two things/,
  ],
  [
    "a switch of a data type",
    withRule("{ id: a, require: { switched-off: any, data-type: contacts } }"),
    /`switched-off` and `data-type` are two things/,
  ],
  [
    "an unless that is as sure",
    withRule("{ id: a, deny: { data-type: contacts }, unless: { rung: referenced } }"),
    /^p\.yaml:3:\d+: `unless` names .*: `rung` tells none apart\n/,
  ],
  [
    "an unless of a confidence",
    withRule("{ id: a, deny: { sdk: x }, unless: { confidence: likely } }"),
    /`confidence` tells none apart/,
  ],
  [
    "an exception of a rung",
    withException(`{ rule: a, ${because}, for: { rung: permitted } }`),
    /^p\.yaml:5:\d+: `for` names .*: `rung` tells none apart/,
  ],
  [
    "an unless of parties, of what has none",
    withRule("{ id: a, deny: { permission: NFC }, unless: { sdk: x } }"),
    /nothing that this `deny` speaks of has a `sdk`, so this leaves nothing alone\n {2}Add `party: any`/,
  ],
  [
    "an unless of a host, of parties",
    withRule("{ id: a, deny: { category: social }, unless: { host: x.example } }"),
    /nothing that this `deny` speaks of has a `host`, .*\n {2}Remove it/,
  ],
  [
    "an unless of a permission, of an access",
    withRule("{ id: a, deny: { data-type: contacts }, unless: { permission: NFC } }"),
    /has a `permission`/,
  ],
];

/** Policies in which nothing is wrong. */
export const sound: readonly (readonly [what: string, text: string])[] = [
  ["one that says nothing", "policy-version: 1"],
  [
    "Windows line ends and a mark",
    "\uFEFFpolicy-version: 1\r\nrules:\r\n  - id: a\r\n    deny: { sdk: x }\r\n",
  ],
  ["an anchor", withRule("{ id: a, deny: &d { sdk: x } }\n  - { id: b, deny: *d }")],
  ["JSON", '{"policy-version":1,"rules":[{"id":"a","deny":{"sdk":["x","y"]}}]}'],
  [
    "an id and a host as long as any",
    withRule(`{ id: ${"a".repeat(100)}, deny: { host: ${"a.".repeat(126)}a } }`),
  ],
  ["Norway", withRule("{ id: a, deny: { country: NO } }")],
  [
    "an exception on its last day",
    withException(`{ rule: a, ${because}, until: 2028-02-29, for: { sdk: x } }`),
  ],
  ["an unless that fits", withRule("{ id: a, deny: { permission: NFC, party: any }, unless: { sdk: x } }")],
  [
    "a finding of a permission",
    withRule("{ id: a, deny: { finding: missing-permission, permission: NFC, rung: permitted } }"),
  ],
];
