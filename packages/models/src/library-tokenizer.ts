/**
 * The tokenizer class of @huggingface/tokenizers with the part of its type that we use. Its own declarations import without file
 * extensions, which TypeScript cannot resolve for an ES module.
 */
import * as library from "@huggingface/tokenizers";

export interface LibraryTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { readonly ids: number[] };
  readonly normalizer: ((text: string) => string) | null;
  readonly pre_tokenizer: ((text: string, options: { section_index: number }) => string[]) | null;
}

/** From a parsed tokenizer.json. Throws when a part of it is of a kind that the library does not know. */
export function createLibraryTokenizer(json: object): LibraryTokenizer {
  const { Tokenizer } = library as unknown as { Tokenizer: new (json: object, config: object) => LibraryTokenizer };
  return new Tokenizer(json, {});
}
