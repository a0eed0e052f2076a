/** Reads and changes of question sets, and switching on what a run has tried. */
import type { CreateQuestionSetRequest, DraftQuestionsRequest } from "@lorekeep/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CALM_MS, client, useAction } from "../client.ts";

export const useQuestionSets = () =>
  useQuery({
    queryKey: ["question-sets"],
    queryFn: async ({ signal }) => (await client.questionSets.list({ limit: 200 }, { signal })).items,
    refetchInterval: CALM_MS,
  });
export const useQuestionSet = (id: string) =>
  useQuery({ queryKey: ["question-sets", id], queryFn: ({ signal }) => client.questionSets.get(id, { signal }) });
export const useQuestions = (id: string, query: { query?: string | undefined; cursor?: string | undefined }) =>
  useQuery({
    queryKey: ["question-sets", id, "questions", query],
    queryFn: ({ signal }) => client.questionSets.questions(id, { limit: 25, ...query }, { signal }),
    placeholderData: keepPreviousData,
  });

export type NewSet =
  { readonly file: File; readonly name: string; readonly collection: string } | CreateQuestionSetRequest;
export const useCreateQuestionSet = () =>
  useAction((request: NewSet) => {
    if (!("file" in request)) return client.questionSets.create(request);
    const { file, name, collection } = request;
    return client.questionSets.upload({ fileName: file.name, blob: file, collection, name });
  }, "question-sets");
export const useDraftQuestions = () =>
  useAction(
    ({ id, request }: { id: string; request: DraftQuestionsRequest }) => client.questionSets.draft(id, request),
    "jobs",
  );
export const useRenameQuestionSet = (id: string) =>
  useAction((name: string) => client.questionSets.rename(id, { name }), "question-sets");
export const useDeleteQuestionSet = () => useAction((id: string) => client.questionSets.delete(id), "question-sets");
export const useDeleteQuestion = (id: string) =>
  useAction((question: string) => client.questionSets.deleteQuestion(id, question), "question-sets");
/** What the generator can be asked with; it changes with the release only. */
export const usePrompts = () =>
  useQuery({
    queryKey: ["prompts"],
    queryFn: async ({ signal }) => (await client.prompts({ signal })).items,
    staleTime: Infinity,
  });
export const useSwitchOn = () =>
  useAction((id: string) => client.evaluations.switchOn(id), "evaluations", "collections", "adapters", "jobs");
