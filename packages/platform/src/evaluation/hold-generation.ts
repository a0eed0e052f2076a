/**
 * A generation that is built to be tried and must not begin to serve: while its target is noted here for its collection, its
 * build stops short of the flip. Noted before the generation exists, so that no crash lets an untried index serve.
 */
import type { CollectionId, Generation, Settings } from "@lorekeep/core";
import { z } from "zod";

type Target = Pick<Generation, "embedder" | "embedderFingerprint" | "chunking">;

const nameOf = (id: CollectionId): string => `held-generation:${id}`;
const heldSchema = z.object({
  embedder: z.string(),
  embedderFingerprint: z.string(),
  chunking: z.object({ maxTokens: z.int(), overlapTokens: z.int() }),
});

export async function holdGeneration(settings: Settings, id: CollectionId, target: Target): Promise<void> {
  const { embedder, embedderFingerprint, chunking } = target;
  await settings.put(nameOf(id), { embedder, embedderFingerprint, chunking });
}

export async function releaseGeneration(settings: Settings, id: CollectionId): Promise<void> {
  if ((await settings.get(nameOf(id))) !== null) await settings.put(nameOf(id), null);
}

export async function isHeld(
  settings: Settings,
  { collectionId, embedder, embedderFingerprint, chunking }: Generation,
): Promise<boolean> {
  const held = heldSchema.safeParse(await settings.get(nameOf(collectionId))).data;
  return (
    held !== undefined &&
    held.embedder === embedder &&
    held.embedderFingerprint === embedderFingerprint &&
    held.chunking.maxTokens === chunking.maxTokens &&
    held.chunking.overlapTokens === chunking.overlapTokens
  );
}

/** Where a target that was switched on is noted until its index is begun; a later wish for another one takes its place. */
export const switchingOnName = (id: CollectionId): string => `switching-on:${id}`;

export async function dropSwitchingOn(settings: Settings, id: CollectionId): Promise<void> {
  if ((await settings.get(switchingOnName(id))) !== null) await settings.put(switchingOnName(id), null);
}
