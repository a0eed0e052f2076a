/**
 * The vocabulary of a packed E5 file as a Hugging Face `tokenizer.json`: NFKC, runs of white space become one space, Metaspace
 * with a leading mark, Unigram, `<s> … </s>`. The same file format that the other catalogue models bring.
 */
import type { E5Vocabulary } from "./e5-file.ts";

export function unigramTokenizerJson(vocabulary: E5Vocabulary): unknown {
  const { pieces, scores, ids } = vocabulary;
  const special = (id: number): unknown => ({
    id,
    content: pieces[id],
    single_word: false,
    lstrip: pieces[id] === "<mask>",
    rstrip: false,
    normalized: false,
    special: true,
  });
  const single = [
    { SpecialToken: { id: pieces[ids.bos], type_id: 0 } },
    { Sequence: { id: "A", type_id: 0 } },
    { SpecialToken: { id: pieces[ids.eos], type_id: 0 } },
  ];
  const token = (id: number): unknown => ({ id: pieces[id], ids: [id], tokens: [pieces[id]] });
  const mask = pieces.indexOf("<mask>");
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [ids.bos, ids.pad, ids.eos, ids.unk, ...(mask < 0 ? [] : [mask])].map(special),
    normalizer: {
      type: "Sequence",
      normalizers: [{ type: "NFKC" }, { type: "Replace", pattern: { Regex: "\\s+" }, content: " " }],
    },
    pre_tokenizer: { type: "Metaspace", replacement: "▁", add_prefix_space: true, prepend_scheme: "always" },
    post_processor: {
      type: "TemplateProcessing",
      single,
      pair: [...single, { Sequence: { id: "B", type_id: 0 } }, { SpecialToken: { id: pieces[ids.eos], type_id: 0 } }],
      special_tokens: { [pieces[ids.bos]!]: token(ids.bos), [pieces[ids.eos]!]: token(ids.eos) },
    },
    decoder: { type: "Metaspace", replacement: "▁", add_prefix_space: true, prepend_scheme: "always" },
    model: { type: "Unigram", unk_id: ids.unk, vocab: pieces.map((piece, id) => [piece, scores[id]]) },
  };
}
