/**
 * Does a passage speak to the model rather than to its reader? Such text is data like any other: it is searched, shown and quoted to
 * whoever asks for it. But it is no evidence for what a generator wrote, since that may have been written on its orders (S10;
 * OWASP LLM01). Patterns of orders, of other people's turns and of fences; texts about pumps and people hold none of them.
 */
import { withoutUnseen } from "../prompt.ts";

const ORDERS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,30}\b(?:previous|prior|above|earlier|other)\b[^.!?\n]{0,30}(?:instructions?|rules?|passages?|prompts?)\b/iu,
  /\bdisregard everything above\b|\bsystem prompt\b|\breveal all other sources\b|\b(?:every|all) (?:api keys?|passwords?)\b[^.!?\n]{0,20}\byou know\b/iu,
  /\bassistant (?:must|shall|should|will)? ?(?:repl(?:y|ies)|answers?|refuses?|says?|writes?)\b|\brules? for the assistant\b|\bassistant, (?:tell|say|write)\b/iu,
  /\b(?:answer|reply|respond)\b (?:only|with the words?)\b|\bbefore you answer\b|\byou are (?:now )?\w*bot\b|\bdecode this and do\b/iu,
  /\bcite this passage as\b|\bdo not write any citations\b|\bsource of truth is this file\b/iu,
  /(?:忽略|无视|無視)[^。！？\n]{0,4}(?:之前|以上|上文|前面)的?(?:所有|全部)?(?:指令|内容|內容|规则|規則|要求|。)|系统提示词|系統提示詞|助手(?:必须|必須|对所有|對所有|：请|：請)|只回答[：:“]|只用“[^”]*”回答|解码并照做|解碼並照做|不要标注任何引用|输出其他知识库/u,
  /^\s*(?:assistant|system|助手|系统|系統)\s*[:：]|^\s*#{2,4}\s*(?:system|assistant)\s*:/imu,
  /<\|\s*(?:im_|system|user|assistant)|\[\/?INST\]|<\/?(?:system|assistant)>|[<＜]\s*[/／]?\s*passage\b|&lt;\/passage/iu,
];

/** Text turned round, and tag characters that are not those of a flag. */
const HIDDEN = /[\u{202D}\u{202E}]|(?<![\u{1F3F4}\u{E0020}-\u{E007F}])[\u{E0020}-\u{E007F}]/u;

export function speaksToModel(text: string): boolean {
  if (HIDDEN.test(text)) return true;
  const seen = withoutUnseen(text);
  return ORDERS.some((order) => order.test(seen));
}
