/**
 * Chat messages → the exact token ids a model is prompted with. The one function that serving and training share, so that what was learnt is
 * what is asked. Marks such as <|im_start|> are tokenised as special tokens and everything else as plain text, so a document that
 * contains such a mark cannot end its turn. No BOS is added when the template already begins with it.
 */
import { AppError, type ChatMessage } from "@lorekeep/core";

export interface ChatTemplate {
  readonly kind: "chatml" | "llama3" | "gemma";
  /** Said when the first message is not a system message; null = nothing. */
  readonly defaultSystem: string | null;
  /** Written after the assistant's mark before it may write: closes the thinking of models that would think aloud. */
  readonly assistantPrefix: string;
}
/** `special` text is nothing but marks of the template. */
export interface PromptPart {
  readonly text: string;
  readonly special: boolean;
}
export interface PromptTokenizer {
  tokenize(text: string, special: boolean): readonly number[];
  /** null = this model wants none. */
  readonly bos: number | null;
}

/**
 * Which of the known templates a GGUF's Jinja text is. We do not run Jinja: a template is code, and three shapes cover the
 * models of the catalogue. Throws model_invalid for another one.
 */
export function detectChatTemplate(jinja: string | undefined): ChatTemplate {
  const text = jinja ?? "";
  const assistantPrefix = text.includes("enable_thinking") ? "<think>\n\n</think>\n\n" : "";
  if (text.includes("<|im_start|>")) {
    const literal = /<\|im_start\|>system(?:\\n|\n)([^<'"{]+)<\|im_end\|>/.exec(text)?.[1];
    return { kind: "chatml", defaultSystem: literal ?? null, assistantPrefix };
  }
  if (text.includes("<|start_header_id|>")) return { kind: "llama3", defaultSystem: null, assistantPrefix };
  if (text.includes("<start_of_turn>")) return { kind: "gemma", defaultSystem: null, assistantPrefix };
  throw new AppError(
    "model_invalid",
    "The model's chat template is of no kind that is known here (ChatML, Llama 3, Gemma). Serve the model with an OpenAI-compatible server and name it openai:BASE_URL#MODEL.",
  );
}

const mark = (text: string): PromptPart => ({ text, special: true });
const plain = (text: string): PromptPart => ({ text, special: false });

function withSystem(template: ChatTemplate, messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return template.defaultSystem === null || messages[0]?.role === "system"
    ? messages
    : [{ role: "system", content: template.defaultSystem }, ...messages];
}

function chatmlParts(template: ChatTemplate, messages: readonly ChatMessage[]): PromptPart[] {
  return withSystem(template, messages).flatMap(({ role, content }) => [
    mark("<|im_start|>"),
    plain(`${role}\n${content}`),
    mark("<|im_end|>"),
    plain("\n"),
  ]);
}

function llama3Parts(messages: readonly ChatMessage[]): PromptPart[] {
  return messages.flatMap(({ role, content }) => [
    mark("<|start_header_id|>"),
    plain(role),
    mark("<|end_header_id|>"),
    plain(`\n\n${content.trim()}`),
    mark("<|eot_id|>"),
  ]);
}

/** Gemma has no system turn: its text goes before the first question. */
function gemmaParts(messages: readonly ChatMessage[]): PromptPart[] {
  const system = messages[0]?.role === "system" ? `${messages[0].content.trim()}\n\n` : "";
  return messages
    .filter(({ role }) => role !== "system")
    .flatMap(({ role, content }, i) => [
      mark("<start_of_turn>"),
      plain(`${role === "assistant" ? "model" : "user"}\n${i === 0 ? system : ""}${content.trim()}`),
      mark("<end_of_turn>"),
      plain("\n"),
    ]);
}

/** `open` leaves the assistant's turn open for it to write; without it the text ends with the last message closed. */
export function renderChat(template: ChatTemplate, messages: readonly ChatMessage[], open: boolean): PromptPart[] {
  const opening = template.assistantPrefix;
  switch (template.kind) {
    case "chatml":
      return [
        ...chatmlParts(template, messages),
        ...(open ? [mark("<|im_start|>"), plain(`assistant\n${opening}`)] : []),
      ];
    case "llama3":
      return [
        ...llama3Parts(messages),
        ...(open
          ? [mark("<|start_header_id|>"), plain("assistant"), mark("<|end_header_id|>"), plain(`\n\n${opening}`)]
          : []),
      ];
    case "gemma":
      return [...gemmaParts(messages), ...(open ? [mark("<start_of_turn>"), plain(`model\n${opening}`)] : [])];
  }
}

/** What the assistant writes when it has said all: training must teach it, and serving ends there. */
export function endOfTurn(template: ChatTemplate): PromptPart {
  return mark({ chatml: "<|im_end|>", llama3: "<|eot_id|>", gemma: "<end_of_turn>" }[template.kind]);
}

export function tokenizePrompt(tokenizer: PromptTokenizer, parts: readonly PromptPart[]): number[] {
  const ids = parts.flatMap((part) => (part.text === "" ? [] : tokenizer.tokenize(part.text, part.special)));
  return tokenizer.bos === null || ids[0] === tokenizer.bos ? ids : [tokenizer.bos, ...ids];
}
