/** What a collection's refusal page and the filters of search and chat ask. */
import type { PreviewChunksRequest, SearchFilter } from "@lorekeep/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { BUSY_MS, CALM_MS, client, useAction } from "./client.ts";
import { jobEnded } from "./queries.ts";

/** Asked again while it is being measured. */
export const useRefusalCurve = (collectionId: string) =>
  useQuery({
    queryKey: ["refusal-curve", collectionId],
    queryFn: ({ signal }) => client.collections.refusalCurve(collectionId, { signal }),
    refetchInterval: (query) => (query.state.data?.job && !jobEnded(query.state.data.job) ? BUSY_MS : CALM_MS),
  });
export const useMeasureRefusals = () =>
  useAction((collectionId: string) => client.collections.measureRefusals(collectionId), "refusal-curve", "jobs");
export const useSetThreshold = () =>
  useAction(
    ({ id, threshold }: { id: string; threshold: number }) =>
      client.collections.update(id, { retrieval: { refusalThreshold: threshold } }),
    "refusal-curve",
    "collections",
  );
export const useCancelMeasuring = () =>
  useAction((jobId: string) => client.jobs.cancel(jobId), "refusal-curve", "jobs");

/** What a chunking would make of a document; the former stays while a number is moved. */
export const useChunkPreview = (documentId: string | null, request: PreviewChunksRequest, isSettled: boolean) =>
  useQuery({
    queryKey: ["chunk-preview", documentId, request],
    queryFn: ({ signal }) => client.documents.previewChunks(documentId!, request, { signal }), // enabled with one only
    enabled: documentId !== null && isSettled,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: Infinity,
  });

/** Days of the reader's own clock, as the day pickers and the chips have them. */
const timeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Counts beside the choices; the former ones stay while new ones come. */
export const useFacets = (collections: readonly string[], filter: SearchFilter, enabled = true) =>
  useQuery({
    queryKey: ["facets", collections, filter],
    queryFn: ({ signal }) =>
      client.documents.facets(
        { ...(collections.length > 0 ? { collections } : {}), filter, timeZone: timeZone() },
        { signal },
      ),
    placeholderData: keepPreviousData,
    enabled,
    staleTime: 10_000,
  });
