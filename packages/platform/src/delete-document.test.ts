import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ChatEvent, ConversationId } from "@lorekeep/core";
import { waitUntil } from "@lorekeep/core/testing";
import { LOCAL_ACTOR } from "./access.ts";
import { dataPaths } from "./data-folder.ts";
import { runDoctor } from "./doctor.ts";
import { openTestHouse } from "./testing/open-test-platform.ts";
import type { TestHouse } from "./testing/open-test-platform.ts";

const CANARY = "quetzalcoatlus";
const SECRET = `The expedition keeps a ${CANARY} in the north tower. The ${CANARY} eats eleven herrings a day.`;
const OTHER = "The expedition keeps a penguin in the south tower. The penguin eats two herrings a day.";

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
/** Files of the data folder that hold the word in UTF-8 or UTF-16. */
function filesWith(house: TestHouse, word: string): string[] {
  const needles = [Buffer.from(word, "utf8"), Buffer.from(word, "utf16le")];
  return filesBelow(join(house.folder, "data")).filter((path) => {
    const bytes = readFileSync(path);
    return needles.some((needle) => bytes.includes(needle));
  });
}

async function ask(house: TestHouse, question: string, conversationId?: string): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  for await (const event of house.platform.assistant.chat(LOCAL_ACTOR, { question, conversationId, regenerate: false }))
    events.push(event);
  return events;
}

async function findCanary(house: TestHouse): Promise<number[]> {
  const modes = ["hybrid", "dense", "lexical"] as const;
  const searches = modes.map((mode) =>
    house.platform.assistant.search(LOCAL_ACTOR, { query: `${CANARY} tower`, limit: 20, mode, explain: true }),
  );
  return (await Promise.all(searches)).map(
    ({ results }) => results.filter((result) => result.text.includes(CANARY)).length,
  );
}

async function reindex(house: TestHouse): Promise<void> {
  const { id } = await house.platform.operations.reindex(LOCAL_ACTOR);
  await waitUntil(async () => (await house.platform.queue.get(id))?.endedAt, {
    what: "the re-index",
    timeoutMs: 20_000,
  });
  expect(await house.platform.queue.get(id)).toMatchObject({ status: "succeeded", result: { problems: [] } });
}

describe("deleting a document", () => {
  test("A1: from that moment on nothing finds it, cites it or hands it out, and after compaction no file holds its text", async () => {
    await using house = await openTestHouse();
    const { platform } = house;
    const secret = await house.upload("secret.txt", SECRET);
    const other = await house.upload("other.txt", OTHER);
    await house.settled(secret.document.id);
    await house.settled(other.document.id);
    expect(await findCanary(house)).toEqual([1, 1, 1]);
    const before = await ask(house, `What does the ${CANARY} eat each day?`);
    const conversationId = before.find((event) => event.type === "conversation")!.id as ConversationId;
    expect(filesWith(house, CANARY)).not.toEqual([]);

    await platform.library.deleteDocument(LOCAL_ACTOR, secret.document.id);
    expect(await findCanary(house)).toEqual([0, 0, 0]);
    await expect(platform.library.getDocument(LOCAL_ACTOR, secret.document.id)).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await platform.store.documents.get(secret.document.id)).toBeNull();
    expect(await platform.store.passages.readText(secret.document.id, 0, 1000)).toBe("");
    const follow = await ask(house, "And what does it eat?", conversationId);
    for (const event of follow) {
      if (event.type === "passages") expect(JSON.stringify(event.items)).not.toContain(CANARY);
      if (event.type === "citations") expect(JSON.stringify(event.items)).not.toContain(secret.document.id);
    }
    const messages = await platform.store.conversations.messages(conversationId);
    expect(JSON.stringify(messages.flatMap(({ citations, passages }) => [...citations, ...passages]))).not.toContain(
      CANARY,
    );

    await house.idle();
    expect(await platform.blobs.has(secret.document.blob)).toBe(false);
    await platform.assistant.deleteConversation(LOCAL_ACTOR, conversationId); // the person's own questions name it
    await reindex(house);
    expect(filesWith(house, CANARY)).toEqual([]);
    expect(filesWith(house, secret.document.id).map((path) => path.slice(house.folder.length))).toEqual([]);
    expect((await ask(house, "Where is the penguin kept?")).some((event) => event.type === "passages")).toBe(true);
  });

  test("A1: a run over it ends, and nothing of it is published", async () => {
    await using house = await openTestHouse();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let isEmbedding = false;
    house.models.beforeEmbed = async () => {
      isEmbedding = true;
      await held;
    };
    const { document } = await house.upload("secret.txt", SECRET);
    await waitUntil(() => isEmbedding, { what: "embedding to begin" });
    await house.platform.library.deleteDocument(LOCAL_ACTOR, document.id);
    house.models.beforeEmbed = null;
    release();
    await house.idle();
    expect(await findCanary(house)).toEqual([0, 0, 0]);
    expect(await house.platform.blobs.has(document.blob)).toBe(false);
  });

  test("A2: deleting its collection, or replacing its version, has the same effect", async () => {
    await using house = await openTestHouse();
    const { library } = house.platform;
    const collection = await library.createCollection(LOCAL_ACTOR, { name: "Secrets" });
    const one = await house.upload("one.txt", SECRET, "Secrets");
    const two = await house.upload("two.txt", `${SECRET} Twice.`);
    await house.settled(one.document.id);
    await house.settled(two.document.id);
    expect((await findCanary(house))[2]).toBe(2);
    await library.deleteCollection(LOCAL_ACTOR, collection.id);
    expect((await findCanary(house))[2]).toBe(1);
    await house.upload("two.txt", OTHER);
    await house.settled(two.document.id);
    expect(await findCanary(house)).toEqual([0, 0, 0]);
    await house.idle();
    await reindex(house);
    expect(filesWith(house, CANARY)).toEqual([]);
  });

  test("A1: the same bytes elsewhere keep their original", async () => {
    await using house = await openTestHouse();
    await house.platform.library.createCollection(LOCAL_ACTOR, { name: "Second" });
    const one = await house.upload("a.txt", SECRET);
    const two = await house.upload("a.txt", SECRET, "Second");
    await house.settled(one.document.id);
    await house.settled(two.document.id);
    await house.platform.library.deleteDocument(LOCAL_ACTOR, one.document.id);
    await house.idle();
    expect(await house.platform.blobs.has(two.document.blob)).toBe(true);
    expect((await findCanary(house))[2]).toBe(1);
  });

  test("A3: a purge that was cut off is finished by the next worker", async () => {
    await using house = await openTestHouse();
    const { document } = await house.upload("secret.txt", SECRET);
    await house.settled(document.id);
    await house.idle();
    // As after a kill between the row and the job: the row says deleted, no job was made.
    await house.platform.store.documents.delete(document.id);
    await house.reopen();
    expect(await findCanary(house)).toEqual([0, 0, 0]);
    await reindex(house);
    expect(filesWith(house, CANARY)).toEqual([]);
  });
});

describe("the doctor", () => {
  test("A4: finds nothing wrong with a house in use, and counts orphans both ways", async () => {
    await using house = await openTestHouse();
    const kept = await house.upload("kept.txt", OTHER);
    const gone = await house.upload("gone.txt", SECRET);
    await house.settled(kept.document.id);
    await house.settled(gone.document.id);
    await house.platform.library.deleteDocument(LOCAL_ACTOR, gone.document.id);
    await house.idle();
    const { config, logger } = house.platform;
    const sound = await runDoctor(config, { logger, drivers: { models: house.models } });
    expect(sound.checks.filter((check) => !check.ok)).toEqual([]);
    expect(sound.ok).toBe(true);
    expect(Object.keys(sound.storage).filter((key) => key.startsWith("orphan")).length).toBeGreaterThan(3);
    expect(Object.values(sound.storage).every((count) => count === 0)).toBe(true);

    await house.platform.blobs.delete(kept.document.blob);
    const broken = await runDoctor(config, { logger, drivers: { models: house.models } });
    expect(broken).toMatchObject({ ok: false, storage: { orphanDocuments: 1 } });
    expect(broken.checks.find((check) => check.name === "originals")!.detail).toContain("upload them again");
  });

  test("says what is wrong instead of ending when the database cannot be opened", async () => {
    await using house = await openTestHouse({ work: false });
    const { config, logger } = house.platform;
    await house.platform.close();
    writeFileSync(dataPaths(config).database, "not a database at all, and long enough to be looked at ".repeat(100));
    const report = await runDoctor(config, { logger, drivers: { models: house.models } });
    expect(report.ok).toBe(false);
    expect(report.checks.find((check) => check.name === "open")).toMatchObject({ ok: false });
  });
});
