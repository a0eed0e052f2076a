/** An example as people write it → a draft. What they leave out is taken from what they wrote. */
import { AppError, newExampleSchema } from "@lorekeep/core";
import type { ExampleDraft, NewExample } from "@lorekeep/core";
import { detectLanguage } from "@lorekeep/ingest";
import { isRefusalText, markUnmarked } from "@lorekeep/rag";

/** `place` keeps examples without an id and a title apart. */
export function toDraft(given: NewExample, place: number, status: ExampleDraft["status"]): ExampleDraft {
  const question = given.question.trim();
  const told = (given.answer ?? given.answers?.[0] ?? "").trim();
  const isRefusal = told === "" || isRefusalText(told);
  const answerable = given.answerable ?? !isRefusal;
  const answer = answerable && !isRefusal ? told : null;
  const passages = (given.passages ?? []).map(({ title, text, gold }) => ({
    ...{ title, text, gold: gold ?? false },
    ...{ documentId: null, chunkId: null },
  }));
  const marked = markUnmarked(passages, answer, question);
  return {
    externalId: given.id ?? null,
    question,
    answer,
    rejectedAnswer: given.rejected?.trim() || null,
    answerable: answer !== null,
    language: detectLanguage(`${question}\n${answer ?? ""}`),
    source: "upload",
    passages: marked,
    group: given.group ?? groupOf(marked, place),
    ...{ split: "train", status, problems: [], messageId: null },
  };
}

/** Examples about one text are never split between training and validation. */
function groupOf(passages: ExampleDraft["passages"], place: number): string {
  const source = passages.find(({ gold }) => gold) ?? passages[0];
  if (source === undefined) return `example:${place}`;
  const title = source.title.trim();
  return title === "" ? `text:${source.text.slice(0, 200)}` : title;
}

/** Throws request_invalid that names the line and says what is wrong with it. */
export function parseLine(line: string, number: number): NewExample {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new AppError("request_invalid", `Line ${number} is not JSON. Each line is one object with a question.`, {
      line: number,
    });
  }
  const parsed = newExampleSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  throw new AppError("request_invalid", `Line ${number} is no example${where}: ${issue?.message ?? "wrong shape"}.`, {
    line: number,
  });
}
