/**
 * Every read is a query, every change a mutation that names what it makes stale; what is learnt and measured stands in
 * adaptation-queries.ts.
 * Lists that may be in motion (documents being read, jobs running, models being fetched) ask again by themselves.
 */
import {
  type ChatRequest,
  type CreateApiKeyRequest,
  type CreateCollectionRequest,
  type DocumentResponse,
  type DocumentStatus,
  type FeedbackRequest,
  type JobResponse,
  type ModelStatus,
  type SearchFilter,
  type SearchRequest,
  type UpdateCollectionRequest,
} from "@lorekeep/core";
import {
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { BUSY_MS, CALM_MS, client, given, useAction } from "./client.ts";

// ── who is here ──────────────────────────────────────────────────────────────────────────────────────────────────
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => client.session.get({ signal }),
  staleTime: 60_000,
});
export const useSession = () => useQuery(sessionQuery);

function useSignIn<Input>(run: (input: Input) => ReturnType<typeof client.session.get>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (session) => {
      queries.clear();
      queries.setQueryData(sessionQuery.queryKey, session);
    },
  });
}
export const useLogin = () => useSignIn(client.session.login);
export const useSetup = () => useSignIn(client.session.setup);
export const logout = () => client.session.logout();

// ── collections and documents ────────────────────────────────────────────────────────────────────────────────────
export const useCollections = () =>
  useQuery({
    queryKey: ["collections"],
    queryFn: async ({ signal }) => (await client.collections.list({ limit: 200 }, { signal })).items,
    staleTime: 10_000,
    refetchInterval: (query) => (query.state.data?.some((c) => c.nextGenerationId !== null) ? BUSY_MS * 2 : false),
  });
export const useCreateCollection = () =>
  useAction((request: CreateCollectionRequest) => client.collections.create(request), "collections", "overview");
export const useUpdateCollection = () =>
  useAction(
    ({ id, changes }: { id: string; changes: UpdateCollectionRequest }) => client.collections.update(id, changes),
    "collections",
    "jobs",
  );
export const useDeleteCollection = () =>
  useAction((id: string) => client.collections.delete(id), "collections", "documents", "overview");

export interface DocumentFilter {
  readonly collection?: string | undefined;
  readonly status?: DocumentStatus | undefined;
  readonly name?: string | undefined;
  readonly cursor?: string | undefined;
}
const inMotion = (document: DocumentResponse) => document.status === "queued" || document.status === "processing";

export const useDocuments = (filter: DocumentFilter) =>
  useQuery({
    queryKey: ["documents", filter],
    queryFn: ({ signal }) =>
      client.documents.list(
        {
          limit: 25,
          cursor: filter.cursor,
          ...given("collection", filter.collection),
          ...given("status", filter.status),
          ...given("name", filter.name),
        },
        { signal },
      ),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (query.state.data?.items.some(inMotion) ? BUSY_MS : CALM_MS),
  });
export const useDocument = (id: string) =>
  useQuery({
    queryKey: ["document", id],
    queryFn: ({ signal }) => client.documents.get(id, { signal }),
    refetchInterval: (query) => (query.state.data && inMotion(query.state.data) ? BUSY_MS : false),
  });
/** These documents, asked again until none is in motion; undefined while one is not known yet. */
export const useDocumentsById = (ids: readonly string[]) =>
  useQueries({
    queries: ids.map((id) => ({
      queryKey: ["document", id],
      queryFn: () => client.documents.get(id),
      refetchInterval: (query: { state: { data: DocumentResponse | undefined } }) =>
        query.state.data === undefined || inMotion(query.state.data) ? BUSY_MS / 2 : false,
    })),
    combine: (results) => results.map((result) => result.data),
  });
export const useReprocess = () =>
  useAction((id: string) => client.documents.reprocess(id), "documents", "document", "jobs");
export const useDeleteDocument = () =>
  useAction((id: string) => client.documents.delete(id), "documents", "document", "collections", "overview");
export const useChunks = (id: string, cursor: string | undefined) =>
  useQuery({
    queryKey: ["document", id, "chunks", cursor],
    queryFn: ({ signal }) => client.documents.chunks(id, { limit: 25, cursor }, { signal }),
    placeholderData: keepPreviousData,
  });
/** The document each time it changes, until it is ready or failed. */
export const documentEvents = (id: string, signal: AbortSignal) => client.documents.events(id, { signal });
export const useSample = () =>
  useAction(() => client.loadSample(), "documents", "collections", "overview", "conversations");

export const documentText = (id: string, from: number, limit: number, signal?: AbortSignal) =>
  client.documents.text(id, { from, limit }, { signal });
/** Parsed pages around a place; `from` is the ordinal of the first. */
export const useDocumentText = (id: string, from: number | undefined) =>
  useInfiniteQuery({
    queryKey: ["text", id, from],
    queryFn: ({ pageParam, signal }) => client.documents.text(id, { from: pageParam, limit: 10 }, { signal }),
    initialPageParam: from ?? 0,
    getNextPageParam: (last) => last.nextFrom ?? undefined,
    getPreviousPageParam: (first) => {
      const ordinal = first.pages[0]?.ordinal ?? 0;
      return ordinal > 0 ? Math.max(0, ordinal - 10) : undefined;
    },
    enabled: from !== undefined,
    staleTime: Infinity,
  });
export const documentBytes = async (id: string, signal: AbortSignal) =>
  (await client.documents.file(id, { signal })).arrayBuffer();
export const documentFileUrl = (id: string) => client.documents.fileUrl(id);

// ── search and chat ──────────────────────────────────────────────────────────────────────────────────────────────
export const useSearchResults = (request: SearchRequest | null) =>
  useQuery({
    queryKey: ["search", request],
    queryFn: ({ signal }) => client.search(request!, { signal }),
    enabled: request !== null,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
export const useConversations = () =>
  useInfiniteQuery({
    queryKey: ["conversations"],
    queryFn: ({ pageParam, signal }) => client.conversations.list({ limit: 50, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
/** An answer still being written elsewhere (another tab, before a reload) is asked for until it is complete. */
export const useConversation = (id: string | undefined) =>
  useQuery({
    queryKey: ["conversation", id],
    queryFn: ({ signal }) => client.conversations.get(id!, { signal }),
    enabled: id !== undefined,
    refetchInterval: (query) =>
      query.state.data?.messages.some((message) => message.status === "streaming") ? BUSY_MS : false,
  });
export const useRenameConversation = () =>
  useAction(
    ({ id, title }: { id: string; title: string }) => client.conversations.rename(id, title),
    "conversations",
    "conversation",
  );
export const useDeleteConversation = () => useAction((id: string) => client.conversations.delete(id), "conversations");
export const streamChat = (request: Omit<ChatRequest, "stream">, signal: AbortSignal) =>
  client.chat(request, { signal });
export const stopMessage = (id: string) => client.messages.stop(id);
/** The answer in its place with the next sentences under it; `added` 0 = there are none. */
export const useMore = () =>
  useAction(
    ({ id, filter }: { id: string; filter: SearchFilter }) => client.messages.more(id, { filter }),
    "conversation",
  );
/** Asked for when somebody wants to know, and then kept while the answer stays as it is. */
export const useAttribution = (id: string, text: string, wanted: boolean) =>
  useQuery({
    queryKey: ["attribution", id, text.length],
    queryFn: () => client.messages.attribute(id),
    enabled: wanted,
  });
export const useFeedback = () =>
  useAction(
    ({ id, feedback }: { id: string; feedback: FeedbackRequest }) => client.messages.feedback(id, feedback),
    "conversation",
  );

// ── operations ───────────────────────────────────────────────────────────────────────────────────────────────────
const ENDED = new Set<JobResponse["status"]>(["succeeded", "failed", "cancelled", "dead"]);
export const jobEnded = (job: JobResponse) => ENDED.has(job.status);

export const useJobs = (query: { status?: string | undefined; cursor?: string | undefined }) =>
  useQuery({
    queryKey: ["jobs", query],
    queryFn: ({ signal }) =>
      client.jobs.list({ limit: 25, cursor: query.cursor, ...given("status", query.status) }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: (result) =>
      result.state.data?.items.some((job) => job.status === "running" || job.status === "queued")
        ? BUSY_MS
        : CALM_MS / 3,
  });
export const useJob = (id: string | null) =>
  useQuery({
    queryKey: ["jobs", "one", id],
    queryFn: ({ signal }) => client.jobs.get(id!, { signal }),
    enabled: id !== null,
    refetchInterval: (query) => (query.state.data && jobEnded(query.state.data) ? false : 1000),
  });
export const useCancelJob = () => useAction((id: string) => client.jobs.cancel(id), "jobs");
export const useRetryJob = () => useAction((id: string) => client.jobs.retry(id), "jobs", "documents");
export const useSchedule = () =>
  useQuery({ queryKey: ["schedule"], queryFn: ({ signal }) => client.schedule.get({ signal }) });
export const useSaveSchedule = () => useAction(client.schedule.put, "schedule", "jobs");
export const useReindex = () => useAction(() => client.reindex(), "jobs");

const fetching = (model: ModelStatus) => model.state === "downloading" || model.state === "loading";
export const useModels = () =>
  useQuery({
    queryKey: ["models"],
    queryFn: async ({ signal }) => (await client.models.list({ signal })).items,
    refetchInterval: (query) => (query.state.data?.some(fetching) ? 1000 : CALM_MS),
  });
export const usePullModel = () => useAction((name: string) => client.models.pull(name), "models");
export const useKeys = () =>
  useQuery({ queryKey: ["keys"], queryFn: async ({ signal }) => (await client.keys.list({ signal })).items });
export const useCreateKey = () => useAction((request: CreateApiKeyRequest) => client.keys.create(request), "keys");
export const useRevokeKey = () => useAction((id: string) => client.keys.revoke(id), "keys");
export const useAudit = (cursor: string | undefined) =>
  useQuery({
    queryKey: ["audit", cursor],
    queryFn: ({ signal }) => client.audit({ limit: 50, cursor }, { signal }),
    placeholderData: keepPreviousData,
  });
export const useOverview = () =>
  useQuery({
    queryKey: ["overview"],
    queryFn: ({ signal }) => client.overview({ signal }),
    refetchInterval: CALM_MS / 3,
  });
export const useReadiness = () =>
  useQuery({
    queryKey: ["ready"],
    queryFn: ({ signal }) => client.ready({ signal }),
    refetchInterval: CALM_MS,
    retry: false,
  });
