/**
 * The typed client of the HTTP API, used by the web app, the command line and the end-to-end tests.
 * Every answer is parsed with the schema that the server declares; every failure is a ClientError.
 */
import {
  apiKeyListSchema,
  attributionSchema,
  auditListSchema,
  batchResponseSchema,
  chatEventSchema,
  chatResponseSchema,
  chunkDetailSchema,
  chunkListSchema,
  chunkPreviewSchema,
  collectionListSchema,
  collectionSchema,
  conversationDetailSchema,
  conversationListSchema,
  conversationSchema,
  createdApiKeySchema,
  documentEventSchema,
  documentListSchema,
  documentSchema,
  documentTextSchema,
  facetsSchema,
  healthSchema,
  jobListSchema,
  jobSchema,
  modelListSchema,
  modelStatusSchema,
  moreResponseSchema,
  overviewSchema,
  promptListSchema,
  readinessSchema,
  refusalCurveStateSchema,
  sampleResponseSchema,
  scheduleSchema,
  searchResponseSchema,
  sessionSchema,
  stopResponseSchema,
  uploadResponseSchema,
} from "@lorekeep/core";
import type {
  ChatEvent,
  ChatRequest,
  ChatResponse,
  CreateApiKeyRequest,
  CreateCollectionRequest,
  DocumentEvent,
  DocumentStatus,
  FeedbackRequest,
  ImportDocumentRequest,
  LoginRequest,
  MoreRequest,
  PreviewChunksRequest,
  PutScheduleRequest,
  SearchFilter,
  SearchRequest,
  SetupRequest,
  UpdateCollectionRequest,
} from "@lorekeep/core";
import { adaptationResources } from "./adaptation.ts";
import { readEvents } from "./sse.ts";
import { createTransport, type ClientOptions, type Transport } from "./transport.ts";
import { uploadFiles, type UploadFile, type UploadOptions } from "./upload.ts";

const API = "/api/v1";
const at = (id: string) => encodeURIComponent(id);

export interface PageRequest {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}
/** Ends the request; a stream ends too, and the server stops working on it. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

export function createClient(options: ClientOptions) {
  const http = createTransport(options);
  return {
    ...contentResources(http),
    ...chatResources(http),
    ...operationResources(http),
    ...adaptationResources(http),
    session: {
      get: (o?: Abortable) => http.json(sessionSchema, "GET", `${API}/session`, o),
      login: (request: LoginRequest) => http.json(sessionSchema, "POST", `${API}/session`, { json: request }),
      logout: () => done(http.send("DELETE", `${API}/session`)),
      /** Makes the owner with the secret of the one-time link, and signs in. */
      setup: (request: SetupRequest) => http.json(sessionSchema, "POST", `${API}/setup`, { json: request }),
    },
    /** Any other request, with this client's address and key; throws ClientError unless it succeeds. */
    send: http.send.bind(http),
    /** The full address of a path of the server. */
    url: http.url.bind(http),
  };
}
export type Client = ReturnType<typeof createClient>;

function contentResources(http: Transport) {
  return {
    collections: {
      list: (query: PageRequest = {}, o?: Abortable) =>
        http.json(collectionListSchema, "GET", `${API}/collections`, { query: { ...query }, ...o }),
      get: (id: string, o?: Abortable) => http.json(collectionSchema, "GET", `${API}/collections/${at(id)}`, o),
      create: (request: CreateCollectionRequest) =>
        http.json(collectionSchema, "POST", `${API}/collections`, { json: request }),
      update: (id: string, changes: UpdateCollectionRequest) =>
        http.json(collectionSchema, "PATCH", `${API}/collections/${at(id)}`, { json: changes }),
      delete: (id: string) => done(http.send("DELETE", `${API}/collections/${at(id)}`)),
      /** What the refusal threshold does there, at every value it could have. */
      refusalCurve: (id: string, o?: Abortable) =>
        http.json(refusalCurveStateSchema, "GET", `${API}/collections/${at(id)}/refusal-curve`, o),
      measureRefusals: (id: string) =>
        http.json(refusalCurveStateSchema, "POST", `${API}/collections/${at(id)}/refusal-curve`),
    },
    documents: {
      list: (
        query: PageRequest & { collection?: string; status?: DocumentStatus; name?: string } = {},
        o?: Abortable,
      ) => http.json(documentListSchema, "GET", `${API}/documents`, { query: { ...query }, ...o }),
      get: (id: string, o?: Abortable) => http.json(documentSchema, "GET", `${API}/documents/${at(id)}`, o),
      /** What a filter could narrow the documents down by, with counts. */
      facets: (
        query: { collections?: readonly string[]; filter?: SearchFilter; timeZone?: string } = {},
        o?: Abortable,
      ) =>
        http.json(facetsSchema, "GET", `${API}/documents/facets`, {
          query: {
            ...(query.collections === undefined ? {} : { collections: query.collections.join(",") }),
            ...(query.filter === undefined ? {} : { filter: JSON.stringify(query.filter) }),
            ...(query.timeZone === undefined ? {} : { timeZone: query.timeZone }),
          },
          ...o,
        }),
      /** One request a file, in order, so that one refused file does not hide the others: see `UploadOptions.onError`. */
      upload: (files: readonly UploadFile[], o: UploadOptions = {}) => uploadFiles(http, files, o),
      /** Text, pre-chunked text or an address. */
      import: (request: ImportDocumentRequest, o?: Abortable) =>
        http.json(uploadResponseSchema, "POST", `${API}/documents`, { json: request, ...o }),
      importBatch: (requests: readonly ImportDocumentRequest[], o?: Abortable) =>
        http.json(batchResponseSchema, "POST", `${API}/documents:batch`, {
          body: requests.map((request) => `${JSON.stringify(request)}\n`).join(""),
          headers: { "content-type": "application/x-ndjson" },
          ...o,
        }),
      delete: (id: string) => done(http.send("DELETE", `${API}/documents/${at(id)}`)),
      reprocess: (id: string) => http.json(documentSchema, "POST", `${API}/documents/${at(id)}:reprocess`),
      /** What a chunking would make of it. */
      previewChunks: (id: string, request: PreviewChunksRequest, o?: Abortable) =>
        http.json(chunkPreviewSchema, "POST", `${API}/documents/${at(id)}:preview-chunks`, { json: request, ...o }),
      chunks: (id: string, query: PageRequest = {}, o?: Abortable) =>
        http.json(chunkListSchema, "GET", `${API}/documents/${at(id)}/chunks`, { query: { ...query }, ...o }),
      /** Parsed pages from page ordinal `from`. */
      text: (id: string, query: { from?: number; limit?: number } = {}, o?: Abortable) =>
        http.json(documentTextSchema, "GET", `${API}/documents/${at(id)}/text`, { query, ...o }),
      /** The original bytes. */
      file: (id: string, o?: Abortable) =>
        http.send("GET", `${API}/documents/${at(id)}/file`, { headers: { accept: "*/*" }, ...o }),
      fileUrl: (id: string) => http.url(`${API}/documents/${at(id)}/file`),
      /** The document each time it changes; ends at ready or failed. */
      async *events(id: string, o?: Abortable): AsyncGenerator<DocumentEvent, void> {
        const response = await http.send("GET", `${API}/documents/${at(id)}/events`, { headers: STREAM, ...o });
        yield* readEvents(response, documentEventSchema);
      },
    },
    chunks: { get: (id: string, o?: Abortable) => http.json(chunkDetailSchema, "GET", `${API}/chunks/${at(id)}`, o) },
    /** The sample document that comes with the product, and what to ask it. */
    loadSample: () => http.json(sampleResponseSchema, "POST", `${API}/samples`),
  };
}

const STREAM = { accept: "text/event-stream" };

function chatResources(http: Transport) {
  return {
    search: (request: SearchRequest, o?: Abortable) =>
      http.json(searchResponseSchema, "POST", `${API}/search`, { json: request, ...o }),
    /** The events of one answer. Leaving the loop, or the signal, stops the generation. */
    async *chat(request: Omit<ChatRequest, "stream">, o?: Abortable): AsyncGenerator<ChatEvent, void> {
      const response = await http.send("POST", `${API}/chat`, {
        json: { ...request, stream: true },
        headers: STREAM,
        ...o,
      });
      yield* readEvents(response, chatEventSchema);
    },
    /** The same as one value. */
    ask: (request: Omit<ChatRequest, "stream">, o?: Abortable): Promise<ChatResponse> =>
      http.json(chatResponseSchema, "POST", `${API}/chat`, { json: { ...request, stream: false }, ...o }),
    conversations: {
      list: (query: PageRequest = {}, o?: Abortable) =>
        http.json(conversationListSchema, "GET", `${API}/conversations`, { query: { ...query }, ...o }),
      get: (id: string, o?: Abortable) =>
        http.json(conversationDetailSchema, "GET", `${API}/conversations/${at(id)}`, o),
      rename: (id: string, title: string) =>
        http.json(conversationSchema, "PATCH", `${API}/conversations/${at(id)}`, { json: { title } }),
      delete: (id: string) => done(http.send("DELETE", `${API}/conversations/${at(id)}`)),
    },
    messages: {
      feedback: (id: string, request: FeedbackRequest) =>
        done(http.send("POST", `${API}/messages/${at(id)}/feedback`, { json: request })),
      stop: (id: string) => http.json(stopResponseSchema, "POST", `${API}/messages/${at(id)}:stop`),
      /** The answer with the next sentences on its question; `added` 0 = there are none. */
      more: (id: string, request: MoreRequest = {}) =>
        http.json(moreResponseSchema, "POST", `${API}/messages/${at(id)}:more`, { json: request }),
      /** Which passage each sentence depends on. */
      attribute: (id: string) => http.json(attributionSchema, "POST", `${API}/messages/${at(id)}:attribute`),
    },
  };
}

function operationResources(http: Transport) {
  return {
    jobs: {
      list: (query: PageRequest & { status?: string; kind?: string } = {}, o?: Abortable) =>
        http.json(jobListSchema, "GET", `${API}/jobs`, { query: { ...query }, ...o }),
      get: (id: string, o?: Abortable) => http.json(jobSchema, "GET", `${API}/jobs/${at(id)}`, o),
      cancel: (id: string) => http.json(jobSchema, "POST", `${API}/jobs/${at(id)}:cancel`),
      retry: (id: string) => http.json(jobSchema, "POST", `${API}/jobs/${at(id)}:retry`),
    },
    schedule: {
      get: (o?: Abortable) => http.json(scheduleSchema, "GET", `${API}/schedules/reindex`, o),
      put: (request: PutScheduleRequest) =>
        http.json(scheduleSchema, "PUT", `${API}/schedules/reindex`, { json: request }),
    },
    /** Runs the nightly job now; the answer is its job. */
    reindex: () => http.json(jobSchema, "POST", `${API}/reindex`),
    keys: {
      list: (o?: Abortable) => http.json(apiKeyListSchema, "GET", `${API}/keys`, o),
      create: (request: CreateApiKeyRequest) =>
        http.json(createdApiKeySchema, "POST", `${API}/keys`, { json: request }),
      revoke: (id: string) => done(http.send("DELETE", `${API}/keys/${at(id)}`)),
    },
    audit: (query: PageRequest = {}, o?: Abortable) =>
      http.json(auditListSchema, "GET", `${API}/audit`, { query: { ...query }, ...o }),
    /** Versions of the answering prompt; a collection chooses one by `retrieval.prompt`. */
    prompts: (o?: Abortable) => http.json(promptListSchema, "GET", `${API}/prompts`, o),
    models: {
      list: (o?: Abortable) => http.json(modelListSchema, "GET", `${API}/models`, o),
      /** Starts the download; progress is seen in `list`. */
      pull: (name: string) => http.json(modelStatusSchema, "POST", `${API}/models/${at(name)}:pull`),
    },
    overview: (o?: Abortable) => http.json(overviewSchema, "GET", `${API}/overview`, o),
    health: (o?: Abortable) => http.json(healthSchema, "GET", "/healthz", o),
    ready: (o?: Abortable) => http.json(readinessSchema, "GET", "/readyz", o),
  };
}

async function done(response: Promise<Response>): Promise<void> {
  await (await response).arrayBuffer();
}

/** Every item of a list, page after page: `everyItem((cursor) => client.documents.list({ cursor }))`. */
export async function* everyItem<Item>(
  listPage: (cursor: string | undefined) => Promise<{ items: Item[]; nextCursor: string | null }>,
): AsyncGenerator<Item, void> {
  let cursor: string | undefined;
  do {
    const page = await listPage(cursor);
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
