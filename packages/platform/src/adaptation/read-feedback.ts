/** What people said about answers from a collection, oldest first: one list, because a rating may belong to an earlier correction. */
import type { CollectionId, RatedAnswer, Store } from "@lorekeep/core";
import { yieldToOthers } from "../wake-ups.ts";

/** Answers come with their passages: half a millisecond each, on the thread that asks. */
const PAGE = 50;

/** At least `enough` of them, when there are that many; all when it is missing. */
export async function readFeedback(
  { conversations }: Pick<Store, "conversations">,
  collectionId: CollectionId,
  enough = Infinity,
): Promise<RatedAnswer[]> {
  const rated: RatedAnswer[] = [];
  let cursor: string | undefined;
  do {
    const page = await conversations.feedback({ collectionId, limit: PAGE, cursor });
    rated.push(...page.items);
    cursor = page.nextCursor ?? undefined;
    await yieldToOthers();
  } while (cursor !== undefined && rated.length < enough);
  return rated;
}
