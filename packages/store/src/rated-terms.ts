/**
 * Which rated questions are like a new one: an inverted list of their terms, so that a question among ten thousand is found without
 * reading them (BM25's sum of rarities without its lengths, since questions are short). Terms are written with the rating; what was rated
 * before there was a list is taken in at the first search. Rows go with their message, by the schema.
 */
import type { CollectionId } from "@lorekeep/core";
import { queryTerms } from "./keyword-query.ts";
import type { Connection } from "./open-database.ts";
import { writeInSlices } from "./write-in-slices.ts";

export interface RatedTerms {
  /** Inside the transaction that rates the message. */
  index(messageNo: number): void;
  /**
   * Numbers of `limit` rated messages that rest on these collections: those with the likest questions, and where they are too few the
   * last rated ones. In the order of rating.
   */
  findLike(question: string, collectionIds: readonly CollectionId[], limit: number): Promise<number[]>;
}

/** The rarest ones tell questions apart; a term that everybody uses would bring them all. */
const MOST_TERMS = 12;
/** With fewer rated questions every term is looked for. */
const FEW = 100;
/** A term that more than this share of the questions hold is left out where rarer ones are known. */
const COMMON_FROM = 0.25;

interface Rated {
  readonly no: number;
  readonly ratedAt: string;
}

const orderOf = (left: Rated, right: Rated): number =>
  left.ratedAt === right.ratedAt ? left.no - right.no : left.ratedAt < right.ratedAt ? -1 : 1;

/** SQL: the question that a rated message answers, as it was resolved, else as it was asked. */
const QUESTION = `coalesce(m.condensed_question, (SELECT u.text FROM messages u
  WHERE u.conversation_no = m.conversation_no AND u.role = 'user' AND u.no < m.no ORDER BY u.no DESC LIMIT 1))`;

export function openRatedTerms(connection: Connection): RatedTerms {
  const { sqlite } = connection;
  const questionOf = sqlite.prepare(`SELECT ${QUESTION} FROM messages m WHERE m.no = ?`).pluck();
  const insert = sqlite.prepare("INSERT OR IGNORE INTO rated_terms (term, message_no) VALUES (?, ?)");
  const listUnread = sqlite
    .prepare(
      `SELECT no FROM messages WHERE feedback_at IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM rated_terms t WHERE t.message_no = messages.no)`,
    )
    .pluck();
  const countRated = sqlite.prepare("SELECT count(*) FROM messages WHERE feedback_at IS NOT NULL").pluck();
  const countTerm = sqlite.prepare("SELECT count(*) FROM rated_terms WHERE term = ?").pluck();
  const isAboutThem = `m.feedback_at IS NOT NULL AND EXISTS (
    SELECT 1 FROM message_sources s JOIN documents d ON d.id = s.document_id JOIN collections c ON c.no = d.collection_no
     WHERE s.message_no = m.no AND c.id IN (SELECT value FROM json_each(:collectionIds)))`;
  const likest = sqlite.prepare(
    `SELECT m.no, m.feedback_at AS ratedAt FROM json_each(:terms) q JOIN rated_terms t ON t.term = q.value ->> 0
       JOIN messages m ON m.no = t.message_no
      WHERE ${isAboutThem}
      GROUP BY m.no ORDER BY sum(q.value ->> 1) DESC, m.feedback_at DESC, m.no DESC LIMIT :limit`,
  );
  const latest = sqlite.prepare(
    `SELECT m.no, m.feedback_at AS ratedAt FROM messages m
      WHERE ${isAboutThem} AND m.no NOT IN (SELECT value FROM json_each(:known))
      ORDER BY m.feedback_at DESC, m.no DESC LIMIT :limit`,
  );

  function index(messageNo: number): void {
    const question = questionOf.get(messageNo) as string | null | undefined;
    for (const term of queryTerms(question ?? "")) insert.run(term, messageNo);
  }

  function weigh(question: string): [term: string, weight: number][] {
    const all = countRated.get() as number;
    const known = queryTerms(question)
      .map((term) => ({ term, count: countTerm.get(term) as number }))
      .filter(({ count }) => count > 0)
      .sort((left, right) => left.count - right.count);
    const telling = all < FEW ? known : known.filter(({ count }, at) => at === 0 || count <= COMMON_FROM * all);
    return telling.slice(0, MOST_TERMS).map(({ term, count }) => [term, Math.log(1 + all / count)]);
  }

  let unread: Promise<void> | null = null;
  return {
    index,
    async findLike(question, collectionIds, limit) {
      unread ??= writeInSlices(connection, listUnread.all() as number[], index);
      try {
        await unread;
      } catch (error) {
        unread = null;
        throw error;
      }
      const about = { collectionIds: JSON.stringify(collectionIds) };
      const like = likest.all({ ...about, terms: JSON.stringify(weigh(question)), limit }) as Rated[];
      const known = JSON.stringify(like.map(({ no }) => no));
      const rest = like.length < limit ? (latest.all({ ...about, known, limit: limit - like.length }) as Rated[]) : [];
      return [...like, ...rest].sort(orderOf).map(({ no }) => no);
    },
  };
}
