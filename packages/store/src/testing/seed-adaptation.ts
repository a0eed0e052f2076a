/** Examples, adapters and answers with sensible defaults, for tests. */
import type { Conversation, DocumentRecord, ExampleDraft, Gate, Message, NewAdapter, Passage } from "@lorekeep/core";
import type { OpenedStore } from "../open-store.ts";

export function exampleDraft(change: Partial<ExampleDraft> = {}): ExampleDraft {
  return {
    externalId: null,
    question: "Which colour is the pump?",
    answer: "Blue.",
    rejectedAnswer: null,
    answerable: true,
    language: "en",
    source: "upload",
    passages: [],
    group: "g",
    split: "train",
    status: "approved",
    problems: [],
    messageId: null,
    ...change,
  };
}

/** The first chunk of a document as a passage of an example. */
export async function passageOf(store: OpenedStore, document: DocumentRecord, gold: boolean) {
  const [chunk] = (await store.passages.listChunks(document.id, { limit: 1 })).items;
  return {
    title: document.name,
    text: chunk!.text,
    gold,
    documentId: document.id as string,
    chunkId: chunk!.id as string,
  };
}

const FIGURES = {
  loss: 1,
  f1: 0.5,
  rougeL: 0.5,
  refusedRight: null,
  refusedWrong: 0,
  citationSupport: 1,
  tokensPerSecond: 10,
  generalLoss: null,
  generalScore: null,
};

export function gateWith(samples: Gate["samples"]): Gate {
  return {
    passed: true,
    verdicts: [],
    base: FIGURES,
    adapter: FIGURES,
    differences: {},
    exampleCount: samples.length,
    samples,
  };
}

export function newAdapter(change: Partial<NewAdapter> = {}): NewAdapter {
  return {
    name: "pump",
    base: "SmolLM2-135M-Instruct",
    origin: "import",
    fineTuneId: null,
    rank: 8,
    alpha: 16,
    sizeBytes: 10,
    sha256: "0".repeat(64),
    passed: true,
    gate: null,
    card: {},
    file: `${Math.random()}.gguf`,
    ...change,
  };
}

export const RECIPE = {
  method: "supervised",
  rank: 8,
  alpha: 16,
  targets: ["attn_q"],
  learningRate: 1e-3,
  epochs: 1,
  maxTokens: 256,
  batchTokens: 512,
  warmupShare: 0.1,
  weightDecay: 0,
  clipNorm: 1,
  patience: 3,
  beta: 0.1,
  seed: 1,
  memoryMode: "auto",
} as const;

/** A question and its rated answer that rests on the first chunk of a document. */
export async function rateAnswer(
  store: OpenedStore,
  request: {
    conversation: Conversation;
    document: DocumentRecord;
    question: string;
    answer: string;
    correction?: string | undefined;
  },
): Promise<Message> {
  const { conversation, document } = request;
  const conversationId = conversation.id;
  await store.conversations.addMessage({ conversationId, role: "user", text: request.question, status: "complete" });
  const [chunk] = (await store.passages.listChunks(document.id, { limit: 1 })).items;
  const [loaded] = await store.passages.load([chunk!.seq]);
  const passages: Passage[] = [{ ...loaded!, scores: { dense: 1, lexical: 1, fused: 1 } }];
  const message = await store.conversations.addMessage({
    conversationId,
    role: "assistant",
    text: request.answer,
    status: "complete",
    passages,
  });
  const { correction } = request;
  await store.conversations.setFeedback(message.id, "user:1", {
    rating: correction === undefined ? 1 : -1,
    correction: correction ?? null,
    reason: null,
  });
  return message;
}
