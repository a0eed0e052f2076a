/**
 * A reader without a model: it marks the sentence that shares most words with the question and is as sure as the share is large. It
 * keeps to the port: spans, early stop and signals work as in the real one.
 */
import { AppError, throwIfAborted } from "../errors.ts";
import type { ReadAnswer, Reader } from "../ports/reader.ts";

export interface OverlapReader extends Reader {
  readonly questions: readonly string[];
}
export interface OverlapReaderOptions {
  readonly name?: string;
  /** Gives each answer a relevance too. */
  readonly withRelevance?: boolean;
  /** model_failed from this call on, counted from 0. */
  readonly failFrom?: number;
}

const SENTENCE = /[^.!?。！？\n]+[.!?。！？]?/gu;
const wordsOf = (text: string): Set<string> =>
  new Set(text.toLowerCase().match(/\p{Script=Han}|[\p{L}\p{N}]+/gu) ?? []);

function answerOf(question: ReadonlySet<string>, passage: string): Omit<ReadAnswer, "relevance"> {
  let best: ReadAnswer = { span: null, text: "", score: -100 };
  for (const match of passage.matchAll(SENTENCE)) {
    const text = match[0].trim();
    if (text === "") continue;
    const words = wordsOf(text);
    const shared = [...question].filter((word) => words.has(word)).length;
    const score = (10 * shared) / Math.max(1, question.size) - 5; // −5 nothing shared … 5 everything
    const start = match.index + match[0].indexOf(text);
    if (score > best.score) best = { span: [start, start + text.length], text, score };
  }
  return best;
}

export function overlapReader(options: OverlapReaderOptions = {}): OverlapReader {
  const { name = "overlap", withRelevance = false, failFrom = Infinity } = options;
  const questions: string[] = [];
  let closed = false;
  return {
    name,
    fingerprint: `${name}@1`,
    questions,
    read: async (question, passages, { signal, enough = Infinity } = {}) => {
      throwIfAborted(signal);
      if (closed) throw new AppError("aborted", "The reader was closed.");
      if (questions.length >= failFrom) throw new AppError("model_failed", "The reader fails here.");
      questions.push(question);
      const words = wordsOf(question);
      const answers: ReadAnswer[] = [];
      for (const passage of passages) {
        await Promise.resolve();
        throwIfAborted(signal);
        const answer = answerOf(words, passage);
        answers.push(withRelevance ? { ...answer, relevance: answer.score } : answer);
        if (answer.score >= enough) break;
      }
      return answers;
    },
    close: async () => {
      closed = true;
    },
  };
}
