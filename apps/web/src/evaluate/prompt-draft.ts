/** The form's values for a collection's prompt. */
import type { CollectionResponse } from "@lorekeep/core";

export interface PromptDraft {
  /** "" = the shipped one. */
  readonly promptVersion: string;
  /** null = those of the version. */
  readonly instructions: string | null;
}

type Choice = NonNullable<CollectionResponse["retrieval"]["prompt"]>;

export function promptDraftOf(choice: Choice | null | undefined): PromptDraft {
  return { promptVersion: choice?.version ?? "", instructions: choice?.instructions ?? null };
}

/** What to store. Instructions that were emptied are those of the version. */
export function promptOf({ promptVersion, instructions }: PromptDraft): Choice | null {
  const own = instructions?.trim() ?? "";
  return promptVersion === "" ? null : { version: promptVersion, ...(own === "" ? {} : { instructions: own }) };
}
