/** A tokenizer's count without weights: words of Latin text in pieces of four letters, every other visible character alone. */
export const countTokens = async (texts: readonly string[]): Promise<number[]> =>
  texts.map((text) => text.match(/[a-z0-9]{1,4}|[^\sa-z0-9]/giu)?.length ?? 0);
