/** A large table through the whole house: uploaded, read by the real parser, cut, indexed, asked. */
import { expect, test } from "vitest";
import type { ChatEvent } from "@lorekeep/core";
import { LOCAL_ACTOR } from "./access.ts";
import { openTestHouse } from "./testing/open-test-platform.ts";

const ROWS = 1_000;
const priceOf = (at: number): string => `${(at * 37) % 997}.50`;
const table = ["part,shelf,price"];
for (let at = 1; at <= ROWS; at += 1) table.push(`P-${String(at).padStart(4, "0")},${at % 40},${priceOf(at)}`);

test("H2: what row 900 of a long table says is answered, with that row as its citation", async () => {
  await using house = await openTestHouse();
  const { document } = await house.upload("parts.csv", table.join("\n"));
  expect((await house.settled(document.id)).status).toBe("ready");
  const events: ChatEvent[] = [];
  const question = "What is the price of part P-0900?";
  for await (const event of house.platform.assistant.chat(LOCAL_ACTOR, { question, regenerate: false }))
    events.push(event);
  const cited = events.find((event) => event.type === "citations");
  expect(cited?.text).toContain(priceOf(900));
  expect(cited?.items[0]?.quote).toBe(`P-0900 | ${900 % 40} | ${priceOf(900)}`);
});
