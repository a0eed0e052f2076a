/**
 * Branded ids: a document id cannot be passed where a chunk id is wanted.
 * Every id is a type prefix and 128 random bits in base 36, so ids are unguessable and never contain user text.
 */
declare const brand: unique symbol;
export type Id<Name extends string> = string & { readonly [brand]: Name };

export type CollectionId = Id<"collection">;
export type DocumentId = Id<"document">;
export type VersionId = Id<"version">;
export type GenerationId = Id<"generation">;
export type ChunkId = Id<"chunk">;
export type JobId = Id<"job">;
export type ConversationId = Id<"conversation">;
export type MessageId = Id<"message">;
export type UserId = Id<"user">;
export type SessionId = Id<"session">;
export type ApiKeyId = Id<"apiKey">;
export type DatasetId = Id<"dataset">;
export type ExampleId = Id<"example">;
export type FineTuneId = Id<"fineTune">;
export type AdapterId = Id<"adapter">;
export type EvaluationId = Id<"evaluation">;

const PREFIXES = {
  collection: "col",
  document: "doc",
  version: "ver",
  generation: "gen",
  chunk: "chk",
  job: "job",
  conversation: "cnv",
  message: "msg",
  user: "usr",
  session: "ses",
  apiKey: "key",
  dataset: "dst",
  example: "exm",
  fineTune: "tun",
  adapter: "adp",
  evaluation: "evl",
} as const;

/** A new random id, for example `doc_1k2j…`: 128 random bits from the platform's secure source. */
export function newId<Name extends keyof typeof PREFIXES>(name: Name): Id<Name> {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  // The only place that makes ids, so the brand holds by construction.
  return `${PREFIXES[name]}_${value.toString(36).padStart(25, "0")}` as Id<Name>;
}

/** True when `value` has the shape of an id of this kind; says nothing about whether it exists. */
export function isId<Name extends keyof typeof PREFIXES>(name: Name, value: string): value is Id<Name> {
  return new RegExp(`^${PREFIXES[name]}_[0-9a-z]{25}$`).test(value);
}
