/**
 * The vocabulary of a packed E5 file as a Hugging Face `tokenizer.json`: normalise, one space for each run of white space,
 * Metaspace with a leading mark, Unigram, `<s> … </s>`. The same file format that the other catalogue models bring.
 */
import type { E5Vocabulary } from "./e5-file.ts";

const replace = (pattern: string, content: string): unknown => ({
  type: "Replace",
  pattern: { Regex: pattern },
  content,
});
/**
 * The file's own normalisation map is NFKC except for these: it drops controls, turns zero-width characters, the Metaspace
 * mark and U+FFFD into spaces, and keeps the full-width tilde (parked in the private use area while NFKC runs).
 */
const NORMALIZERS = [
  replace("[\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f\\u008f\\u009f]", ""),
  replace("[\\u200b-\\u200f\\u2581\\ufffd]", " "),
  replace("\\uff5e", "\ue000"),
  { type: "NFKC" },
  replace("\\ue000", "\uff5e"),
  replace("\\s+", " "),
];

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
    normalizer: { type: "Sequence", normalizers: NORMALIZERS },
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
