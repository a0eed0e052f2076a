/** The sample that a new owner loads with one click: documents that we wrote, and questions to ask them. */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { AppError } from "@lorekeep/core";
import type { SampleResponse } from "@lorekeep/core";
import { z } from "zod";
import { LOCAL_ACTOR } from "./access.ts";
import type { Actor, Library } from "./platform.ts";

const FOLDER = new URL("../../../fixtures/documents/", import.meta.url);
export const SAMPLE_COLLECTION = "Sample";

const sampleSchema = z.object({
  documents: z.array(z.string().regex(/^[\w.-]+$/)).min(1),
  questions: z.array(z.object({ language: z.string(), text: z.string() })),
});

async function readSample(): Promise<z.infer<typeof sampleSchema>> {
  try {
    return sampleSchema.parse(JSON.parse(await readFile(new URL("sample.json", FOLDER), "utf8")));
  } catch (cause) {
    throw new AppError("not_found", "The sample documents are not part of this installation.", {}, { cause });
  }
}

/** Loading it again changes nothing. The collection is made here, so a right to import is enough. */
export async function loadSample(library: Library, actor: Actor): Promise<SampleResponse> {
  const sample = await readSample();
  const collectionId = await sampleCollection(library, actor);
  const documentIds: string[] = [];
  for (const name of sample.documents) {
    const bytes = createReadStream(new URL(name, FOLDER));
    const request = { collection: collectionId, name, mediaType: null, metadata: {}, bytes };
    documentIds.push((await library.upload(actor, request)).document.id);
  }
  return { collectionId, documentIds, questions: sample.questions };
}

async function sampleCollection(library: Library, actor: Actor): Promise<string> {
  const find = async (): Promise<string> => (await library.resolveCollections(actor, [SAMPLE_COLLECTION]))[0]!.id;
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "not_found" || actor.collectionIds !== null) throw error;
    const description = "Documents that come with Lorekeep, to try it out.";
    return (await library.createCollection(LOCAL_ACTOR, { name: SAMPLE_COLLECTION, description })).id;
  }
}
