import { expect, test } from "vitest";
import type { DocumentId } from "@lorekeep/core";
import { LOCAL_ACTOR } from "./access.ts";
import { SAMPLE_COLLECTION } from "./sample.ts";
import { openTestHouse } from "./testing/open-test-platform.ts";

test("loads our sample documents into a collection of their own, once, with questions in both languages", async () => {
  await using house = await openTestHouse();
  const sample = await house.platform.library.loadSample(LOCAL_ACTOR);
  expect(sample.documentIds.length).toBeGreaterThan(1);
  expect(new Set(sample.questions.map((question) => question.language))).toEqual(new Set(["en", "zh"]));
  for (const id of sample.documentIds)
    expect(await house.settled(id as DocumentId)).toMatchObject({ status: "ready", error: null });
  expect(await house.platform.store.collections.getByName(SAMPLE_COLLECTION)).toMatchObject({
    id: sample.collectionId,
  });
  expect(await house.platform.library.loadSample(LOCAL_ACTOR)).toEqual(sample);
});
