/** Question sets over HTTP. One part of `createClient`. */
import {
  jobSchema,
  questionListSchema,
  questionSetListSchema,
  questionSetSchema,
  type CreateQuestionSetRequest,
  type DraftQuestionsRequest,
  type PatchQuestionSetRequest,
  type Question,
} from "@lorekeep/core";
import type { Transport } from "./transport.ts";

interface Abortable {
  readonly signal?: AbortSignal | undefined;
}
interface PageRequest {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}
export interface QuestionFile {
  readonly fileName: string;
  readonly blob: Blob;
  /** Id or name. */
  readonly collection: string;
  readonly name?: string | undefined;
}

const API = "/api/v1/question-sets";

export function questionSets(http: Transport) {
  const path = (id: string, rest = "") => `${API}/${encodeURIComponent(id)}${rest}`;
  const done = async (sent: Promise<unknown>): Promise<void> => void (await sent);
  return {
    list: (query: PageRequest & { readonly collection?: string | undefined } = {}, o?: Abortable) =>
      http.json(questionSetListSchema, "GET", API, { query: { ...query }, ...o }),
    get: (id: string, o?: Abortable) => http.json(questionSetSchema, "GET", path(id), o),
    create: (request: CreateQuestionSetRequest, o?: Abortable) =>
      http.json(questionSetSchema, "POST", API, { json: request, ...o }),
    /** A file of JSON lines, or CSV with a header. */
    upload: ({ fileName, blob, collection, name }: QuestionFile, o?: Abortable) => {
      const form = new FormData();
      form.append("collection", collection);
      if (name !== undefined) form.append("name", name);
      form.append("file", blob, fileName);
      return http.json(questionSetSchema, "POST", API, { body: form, ...o });
    },
    rename: (id: string, request: PatchQuestionSetRequest) =>
      http.json(questionSetSchema, "PATCH", path(id), { json: request }),
    delete: (id: string) => done(http.send("DELETE", path(id))),
    /** The answer is a job. */
    draft: (id: string, request: DraftQuestionsRequest) =>
      http.json(jobSchema, "POST", path(id, ":draft"), { json: request }),
    questions: (
      id: string,
      query: PageRequest & {
        readonly source?: Question["source"] | undefined;
        readonly query?: string | undefined;
      } = {},
      o?: Abortable,
    ) => http.json(questionListSchema, "GET", path(id, "/questions"), { query: { ...query }, ...o }),
    deleteQuestion: (id: string, question: string) =>
      done(http.send("DELETE", path(id, `/questions/${encodeURIComponent(question)}`))),
  };
}
