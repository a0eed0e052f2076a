/**
 * Reads and changes of what is learnt and measured: datasets, trainings, adapters, evaluations. Examples under review are
 * changed in place, so that nothing jumps away under the reader's hands.
 */
import type {
  ActivateAdapterRequest,
  AutoTrain,
  CompareRequest,
  CreateDatasetRequest,
  CreateEvaluationRequest,
  CreateFineTuneRequest,
  DraftExamplesRequest,
  Evaluation,
  Example,
  exampleListSchema,
  FineTune,
  PatchExampleRequest,
  ReviewExamplesRequest,
  TrainOnFeedbackRequest,
} from "@lorekeep/core";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { z } from "zod";
import { BUSY_MS, CALM_MS, client, useAction } from "./client.ts";

const ALL = { limit: 200 };

// ── datasets ─────────────────────────────────────────────────────────────────────────────────────────────────────
export const useDatasets = () =>
  useQuery({
    queryKey: ["datasets"],
    queryFn: async ({ signal }) => (await client.datasets.list(ALL, { signal })).items,
    refetchInterval: CALM_MS,
  });
export const useDataset = (id: string) =>
  useQuery({ queryKey: ["datasets", id], queryFn: ({ signal }) => client.datasets.get(id, { signal }) });
export const useCreateDataset = () =>
  useAction((request: CreateDatasetRequest) => client.datasets.create(request), "datasets");
export const useDeleteDataset = () => useAction((id: string) => client.datasets.delete(id), "datasets");
export const useDraftExamples = () =>
  useAction(
    ({ id, request }: { id: string; request: DraftExamplesRequest }) => client.datasets.draft(id, request),
    "jobs",
  );
export const datasetExportUrl = (id: string, format: "jsonl" | "peft" | "llama-factory" | "unsloth") =>
  client.datasets.exportUrl(id, format);

export interface ExampleFilter {
  readonly status?: Example["status"] | undefined;
  readonly source?: Example["source"] | undefined;
  readonly problem?: Example["problems"][number] | undefined;
  readonly query?: string | undefined;
  readonly cursor?: string | undefined;
}
/** Asked once for each filter: an example that was approved stays where it was until the filter is set anew. */
export const useExamples = (datasetId: string, filter: ExampleFilter) =>
  useQuery({
    queryKey: ["examples", datasetId, filter],
    queryFn: ({ signal }) => client.datasets.examples(datasetId, { limit: 25, ...filter }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
export function useUpdateExample(datasetId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, changes }: { id: string; changes: PatchExampleRequest }) => client.examples.update(id, changes),
    onSuccess: (changed) => {
      queries.setQueriesData<z.infer<typeof exampleListSchema>>(
        { queryKey: ["examples", datasetId] },
        (page) =>
          page && { ...page, items: page.items.map((example) => (example.id === changed.id ? changed : example)) },
      );
      void queries.invalidateQueries({ queryKey: ["datasets"] });
    },
  });
}
export const useReviewExamples = () =>
  useAction(
    ({ id, request }: { id: string; request: ReviewExamplesRequest }) => client.datasets.review(id, request),
    "datasets",
    "examples",
  );
/** After a job has added examples. */
export function useReloadExamples(datasetId: string) {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: ["datasets"] });
    void queries.invalidateQueries({ queryKey: ["examples", datasetId] });
  };
}

// ── trainings ────────────────────────────────────────────────────────────────────────────────────────────────────
const UNDER_WAY = new Set<string>(["queued", "running"]);
export const isUnderWay = (run: FineTune | Evaluation) => UNDER_WAY.has(run.status);

/** What a training would take; asked anew with every change of the recipe. null = nothing is chosen yet. */
export const useEstimate = (request: CreateFineTuneRequest | null) =>
  useQuery({
    queryKey: ["estimate", request],
    queryFn: ({ signal }) => client.fineTunes.estimate(request!, { signal }),
    enabled: request !== null,
    placeholderData: keepPreviousData,
    retry: false,
  });
export const useStartFineTune = () =>
  useAction((request: CreateFineTuneRequest) => client.fineTunes.start(request), "fine-tunes", "jobs");
export const useTrainOnFeedback = () =>
  useAction(
    (request: TrainOnFeedbackRequest) => client.fineTunes.fromFeedback(request),
    ...["fine-tunes", "auto-train", "datasets", "jobs"],
  );
export const useAutoTrain = () =>
  useQuery({
    queryKey: ["auto-train"],
    queryFn: ({ signal }) => client.fineTunes.automatic({ signal }),
    refetchInterval: CALM_MS,
  });
export const useSaveAutoTrain = () =>
  useAction((setting: AutoTrain) => client.fineTunes.putAutomatic(setting), "auto-train");
export const useFineTunes = () =>
  useQuery({
    queryKey: ["fine-tunes"],
    queryFn: async ({ signal }) => (await client.fineTunes.list(ALL, { signal })).items,
    refetchInterval: (query) => (query.state.data?.some(isUnderWay) ? BUSY_MS * 2 : CALM_MS),
  });
/** Told by the server while it is under way; asked for again and again where nothing is heard. */
export function useFineTune(id: string) {
  const [heard, setHeard] = useState(false);
  const run = useQuery({
    queryKey: ["fine-tunes", id],
    queryFn: ({ signal }) => client.fineTunes.get(id, { signal }),
    refetchInterval: (query) => (!heard && query.state.data && isUnderWay(query.state.data) ? BUSY_MS : CALM_MS),
  });
  const queries = useQueryClient();
  const open = run.data !== undefined && isUnderWay(run.data);
  useEffect(() => {
    if (!open) return;
    const left = new AbortController();
    const listen = async () => {
      for await (const { fineTune } of client.fineTunes.events(id, { signal: left.signal })) {
        if (left.signal.aborted) return;
        setHeard(true);
        queries.setQueryData(["fine-tunes", id], fineTune);
      }
    };
    // Without events, or once they have broken off, the page asks as it does for everything else.
    listen()
      .catch(() => undefined)
      .finally(() => setHeard(false));
    return () => left.abort();
  }, [id, open, queries]);
  return run;
}
export const useSteerFineTune = (id: string) =>
  useAction((what: "pause" | "resume" | "cancel") => client.fineTunes[what](id), "fine-tunes", "jobs");

// ── adapters ─────────────────────────────────────────────────────────────────────────────────────────────────────
export const useAdapters = (enabled = true) =>
  useQuery({
    queryKey: ["adapters"],
    queryFn: async ({ signal }) => (await client.adapters.list(ALL, { signal })).items,
    staleTime: 10_000,
    enabled,
  });
export const useAdapterHistory = () =>
  useQuery({
    queryKey: ["adapters", "history"],
    queryFn: async ({ signal }) => (await client.adapters.history({ signal })).items,
  });
export const useActivateAdapter = () =>
  useAction(
    ({ id, request }: { id: string; request: ActivateAdapterRequest }) => client.adapters.activate(id, request),
    "adapters",
  );
/** `collectionId` is "*" for everywhere that has no choice of its own. */
export const useDeactivateAdapter = () =>
  useAction(
    ({ id, collectionId }: { id: string; collectionId: string }) =>
      client.adapters.deactivate(id, { collections: [collectionId] }),
    "adapters",
  );
export const useRollbackAdapter = () =>
  useAction((collectionId: string) => client.adapters.rollback({ collection: collectionId }), "adapters");
export const useImportAdapter = () =>
  useAction(
    ({ name, file }: { name: string; file: File }) => client.adapters.import({ name, fileName: file.name, blob: file }),
    "adapters",
  );
export const useDeleteAdapter = () => useAction((id: string) => client.adapters.delete(id), "adapters");
export const adapterFileUrl = (id: string, format: "gguf" | "peft") => client.adapters.fileUrl(id, format);
export const useCompareAnswers = () =>
  useMutation({ mutationFn: (request: CompareRequest) => client.adapters.compare(request) });

// ── evaluations ──────────────────────────────────────────────────────────────────────────────────────────────────
export const useEvaluations = () =>
  useQuery({
    queryKey: ["evaluations"],
    queryFn: async ({ signal }) => (await client.evaluations.list(ALL, { signal })).items,
    refetchInterval: (query) => (query.state.data?.some(isUnderWay) ? BUSY_MS : CALM_MS),
  });
export const useEvaluation = (id: string) =>
  useQuery({
    queryKey: ["evaluations", id],
    queryFn: ({ signal }) => client.evaluations.get(id, { signal }),
    refetchInterval: (query) => (query.state.data && isUnderWay(query.state.data) ? BUSY_MS : false),
  });
export const useStartEvaluation = () =>
  useAction((request: CreateEvaluationRequest) => client.evaluations.start(request), "evaluations", "jobs");
export const useCancelEvaluation = () =>
  useAction((id: string) => client.evaluations.cancel(id), "evaluations", "jobs");
export const useDeleteEvaluation = () => useAction((id: string) => client.evaluations.delete(id), "evaluations");
export const useEvaluationComparison = (before: string, after: string) =>
  useQuery({
    queryKey: ["evaluations", "compare", before, after],
    queryFn: ({ signal }) => client.evaluations.compare(before, after, { signal }),
    enabled: before !== "" && after !== "",
  });
