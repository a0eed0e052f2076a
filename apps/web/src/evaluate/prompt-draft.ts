/** The form's values for a collection's prompt. */
import type { CollectionResponse } from "@lorekeep/core";

export interface PromptDraft {
  /** "" = the shipped one. */
  readonly promptVersion: string;
  /** null = those of the version. */
  readonly instructions: string | null;
  /** Approved answers shown before the question; text while it is typed. */
  readonly examples: string;
}

type Choice = NonNullable<CollectionResponse["retrieval"]["prompt"]>;

export function promptDraftOf(choice: Choice | null | undefined): PromptDraft {
  return {
    promptVersion: choice?.version ?? "",
    instructions: choice?.instructions ?? null,
    examples: String(choice?.examples ?? 0),
  };
}

/** What to store. Instructions that were emptied are those of the version. */
export function promptOf({ promptVersion, instructions, examples }: PromptDraft): Choice | null {
  if (promptVersion === "") return null;
  const own = instructions?.trim() ?? "";
  const count = Number(examples);
  return {
    version: promptVersion,
    ...(own === "" ? {} : { instructions: own }),
    ...(count === 0 ? {} : { examples: count }),
  };
}
