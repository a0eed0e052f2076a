/**
 * A JSONL file of questions and answers, read in the browser: what is good goes to the server, what is not is named by its
 * line, so that one bad line does not cost the other thousand.
 */
import { newExampleSchema, type NewExample } from "@lorekeep/core";

export interface ReadExamples {
  readonly examples: readonly NewExample[];
  readonly problems: readonly { readonly line: number; readonly problem: "json" | "question" | "answer" | "shape" }[];
  /** Good examples beyond what one dataset takes. */
  readonly tooMany: number;
}

/** What the server takes in one request. */
export const MAX_EXAMPLES = 20_000;

/** One JSON object a line; a whole JSON list is understood too. Empty lines count for nothing. The first `most` are kept. */
export function readExampleFile(text: string, most = MAX_EXAMPLES): ReadExamples {
  const examples: NewExample[] = [];
  const problems: { line: number; problem: "json" | "question" | "answer" | "shape" }[] = [];
  for (const [line, value] of entries(text.replace(/^\uFEFF/, ""))) {
    if (value === undefined) problems.push({ line, problem: "json" });
    else {
      const parsed = newExampleSchema.safeParse(value);
      if (!parsed.success) problems.push({ line, problem: whatIsWrong(parsed.error.issues[0]?.path[0]) });
      else if (!saysWhatIsRight(parsed.data)) problems.push({ line, problem: "answer" });
      else examples.push(parsed.data);
    }
  }
  return { examples: examples.slice(0, most), problems, tooMany: Math.max(0, examples.length - most) };
}

function entries(text: string): [line: number, value: unknown][] {
  if (text.trimStart().startsWith("[")) {
    const list = parse(text);
    if (Array.isArray(list)) return list.map((value: unknown, index) => [index + 1, value]);
  }
  return text
    .split(/\r?\n/)
    .map((line, index): [number, string] => [index + 1, line])
    .filter(([, line]) => line.trim() !== "")
    .map(([number, line]) => [number, parse(line)]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const whatIsWrong = (field: PropertyKey | undefined) =>
  field === "question" || field === "answer" ? field : ("shape" as const);

/** An answer, or that there is none to give. */
function saysWhatIsRight(example: NewExample): boolean {
  if (example.answerable === false || example.answer === null) return true;
  return (example.answer ?? "").trim() !== "" || (example.answers ?? []).some((answer) => answer.trim() !== "");
}
