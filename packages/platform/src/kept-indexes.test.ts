import { expect, test } from "vitest";
import { LOCAL_ACTOR } from "./access.ts";
import { openTestHouse } from "./testing/open-test-platform.ts";

const ANIMALS = ["aardvark", "bear", "camel", "dingo", "emu", "ferret"];

// How fast a hybrid search is at 100,000 chunks is measured by `npm run bench -- search`; README quotes it.
test("E3: both indexes are kept: a restart embeds nothing again, and one more document adds its own chunks only", async () => {
  await using house = await openTestHouse();
  const add = async (animal: string): Promise<void> => {
    const { document } = await house.upload(`${animal}.txt`, `This tells about the ${animal}.`);
    await house.settled(document.id);
  };
  for (const animal of ANIMALS) await add(animal);
  await house.idle();
  const search = async (query: string) => {
    const request = { query, limit: 20, mode: "hybrid" as const, explain: true };
    return (await house.platform.assistant.search(LOCAL_ACTOR, request)).results;
  };
  const before = await search("dingo");
  const embedded = house.models.embedded.length;
  expect(embedded).toBe(ANIMALS.length);

  await house.reopen();
  expect(await search("dingo")).toEqual(before);
  expect(before[0]).toMatchObject({ documentName: "dingo.txt" });
  expect(house.models.embedded).toHaveLength(embedded);

  await add("gnu");
  expect(house.models.embedded).toHaveLength(embedded + 1);
  const [first] = await search("gnu");
  expect(first).toMatchObject({ documentName: "gnu.txt" });
  expect(first!.scores.lexical).not.toBeNull();
  expect(first!.scores.dense).not.toBeNull();
});
