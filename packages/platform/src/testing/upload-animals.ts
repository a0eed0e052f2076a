import type { CollectionId } from "@lorekeep/core";
import type { TestHouse } from "./open-test-platform.ts";

/** One document an animal, ready to be searched: where it lives and what it eats. */
export async function uploadAnimals(house: TestHouse, animals: readonly string[]): Promise<CollectionId> {
  const uploads = await Promise.all(
    animals.map((animal) => house.upload(`${animal}.txt`, `The ${animal} lives in a house. It eats ${animal} food.`)),
  );
  for (const { document } of uploads) await house.settled(document.id);
  await house.idle();
  return uploads[0]!.document.collectionId;
}
