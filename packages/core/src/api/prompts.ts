/** What the generator can be asked with: GET /prompts. A collection's choice is `retrieval.prompt`. */
import { z } from "zod";

export const promptListSchema = z.object({
  items: z.array(
    z.object({
      version: z.string(),
      /** What a collection may put other words for. */
      instructions: z.string(),
      /** The one that answers where nothing is chosen, and that adapters are trained with. */
      isDefault: z.boolean(),
    }),
  ),
});
export type PromptList = z.infer<typeof promptListSchema>;
