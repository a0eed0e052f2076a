/**
 * The server's remarks on an estimate come as English sentences. Those that we know are said in the reader's language, with
 * the server's numbers; one that we do not know keeps the server's words.
 */
const KNOWN = [
  [
    "memory",
    /^This training needs (?<needed>[\d.]+) GB of free memory even in its smallest mode; (?<free>[\d.]+) GB are free/,
  ],
  ["disk", /^The disk of the data folder has too little room/],
  ["fewHeldOut", /^Only (?<held>\d+) held-out questions have an answer: at least (?<least>\d+) are needed/],
  ["heldOut", /^(?<held>\d+) examples are held out/],
  ["idle", /^The time is that of an idle machine/],
] as const;

export interface EstimateNote {
  readonly key: (typeof KNOWN)[number][0];
  /** GB, GB, questions, questions; empty where the sentence does not name them. */
  readonly values: Readonly<Record<"needed" | "free" | "held" | "least", string>>;
}

/** null: a sentence that we do not know. */
export function knownNote(note: string): EstimateNote | null {
  for (const [key, pattern] of KNOWN) {
    const match = pattern.exec(note);
    if (match !== null) return { key, values: { needed: "", free: "", held: "", least: "", ...match.groups } };
  }
  return null;
}

/** The server's refusal to train on feedback that nothing could be tested with; null for any other words. */
export function tooFewToJudge(detail: string): { held: string; least: string } | null {
  const match = /only (\d+) held-out questions have an answer: at least (\d+) are needed/.exec(detail);
  return match === null ? null : { held: match[1]!, least: match[2]! };
}
