/**
 * The token ids of prompts and answers exactly as serving sends and expects them, for whoever trains: same template, same tokenizer,
 * same function as generator.ts. Only the vocabulary is loaded, not the weights. Neighbour: chat-template.ts writes the turns.
 */
import type { Llama, Token } from "node-llama-cpp";
import { AppError, type ChatMessage } from "@lorekeep/core";
import {
  detectChatTemplate,
  endOfTurn,
  renderChat,
  tokenizePrompt,
  type ChatTemplate,
  type PromptTokenizer,
} from "./chat-template.ts";

/** The part of a llama.cpp model that this needs. */
export interface ChatVocabulary {
  tokenize(text: string, special: boolean, options: "trimLeadingSpace"): readonly number[];
  readonly tokens: { readonly shouldPrependBosToken: boolean; readonly bos: number | null };
}

function promptTokenizer(vocabulary: ChatVocabulary): PromptTokenizer {
  return {
    tokenize: (text, special) => vocabulary.tokenize(text, special, "trimLeadingSpace"),
    bos: vocabulary.tokens.shouldPrependBosToken ? vocabulary.tokens.bos : null,
  };
}

/** The whole prompt, ending where the assistant begins to write. */
export function promptIds(
  vocabulary: ChatVocabulary,
  template: ChatTemplate,
  messages: readonly ChatMessage[],
): number[] {
  return tokenizePrompt(promptTokenizer(vocabulary), renderChat(template, messages, true));
}

/** What the assistant would write after such a prompt to say `text` and no more: its tokens and the mark that ends its turn. */
export function answerIds(vocabulary: ChatVocabulary, template: ChatTemplate, text: string): number[] {
  const tokenizer = promptTokenizer(vocabulary);
  const end = endOfTurn(template);
  return [...(text === "" ? [] : tokenizer.tokenize(text, false)), ...tokenizer.tokenize(end.text, end.special)];
}

export interface ChatTokenizer {
  readonly template: ChatTemplate;
  promptTokenIds(messages: readonly ChatMessage[]): number[];
  /** Ends with the mark of the turn's end; no beginning mark. */
  answerTokenIds(text: string): number[];
  /** Text of ids, marks included: for people to look at. */
  textOf(ids: readonly number[]): string;
  close(): Promise<void>;
}

export async function openQuietLlama(): Promise<Llama> {
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp"); // large: only where it is wanted
  return getLlama({
    gpu: false,
    build: "never",
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
  });
}

/** From a GGUF file. Throws model_invalid (unknown chat template), model_failed (no such model). */
export async function openChatTokenizer(path: string): Promise<ChatTokenizer> {
  const llama = await openQuietLlama();
  try {
    const model = await llama.loadModel({ modelPath: path, vocabOnly: true });
    const template = detectChatTemplate(model.fileInfo.metadata.tokenizer.chat_template);
    return {
      template,
      promptTokenIds: (messages) => promptIds(model, template, messages),
      answerTokenIds: (text) => answerIds(model, template, text),
      textOf: (ids) => model.detokenize([...ids] as Token[], true), // ids of this model's own vocabulary
      close: () => llama.dispose(),
    };
  } catch (error) {
    await llama.dispose();
    if (error instanceof AppError) throw error;
    throw new AppError("model_failed", `The vocabulary of ${path} cannot be loaded.`, {}, { cause: error });
  }
}
