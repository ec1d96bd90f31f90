/** What kinds of thing we tell the user; nouns of what is the case. */
export type FindingKind =
  | "data-access"
  | "data-hand-over"
  | "unused-permission"
  | "piggy-back-permission"
  | "missing-permission";

/** Each kind's words: one sentence what it is, one why it matters. */
export const findingKinds = {
  "data-access": {
    title: "Third party that could access personal data",
    why: "A third party's code runs in the app's process with the app's permissions. An access is what its code can read on the device, and no proof that it is sent anywhere.",
  },
  "data-hand-over": {
    title: "Personal data that others' code gives a third party",
    why: "The app's own code, or another third party's, reads the value and passes it on, and the third party's code brings it to where data leaves the app's code.",
  },
  "unused-permission": {
    title: "Permission of which no use was seen",
    why: "It may be removable; or its use is in native code, in reflection, or in calls that the rules do not know.",
  },
  "piggy-back-permission": {
    title: "Permission that only third parties' code uses",
    why: "The app asks its users for it, and only code that is not the app's own calls what it guards.",
  },
  "missing-permission": {
    title: "Sensitive call without the permission it needs",
    why: "The code is there and yields nothing today: it could read from the day on which any part of the app brings what is missing.",
  },
} as const satisfies Record<FindingKind, { title: string; why: string }>;
