/** What is asked of a collection: sets from files, feedback and documents, looked through and kept. Evaluations ask them. */
import {
  createQuestionSetSchema,
  draftQuestionsSchema,
  jobSchema,
  patchQuestionSetSchema,
  questionListQuerySchema,
  questionListSchema,
  questionSetFormSchema,
  questionSetListQuerySchema,
  questionSetListSchema,
  questionSetSchema,
  type QuestionSet,
} from "@lorekeep/core";
import type { Actor } from "@lorekeep/platform";
import { z } from "zod";
import { describeJob } from "../describe-job.ts";
import { requireId } from "../ids.ts";
import { parseInput } from "../parse-input.ts";
import { readJsonBody } from "../read-body.ts";
import { isMultipart, titleOfFile, withFormFile, type FormContext } from "../read-form-file.ts";
import { defineRoute } from "../route.ts";

const fileFormSchema = questionSetFormSchema.extend({ file: z.string().meta({ format: "binary" }) });

function importFile(context: FormContext & { readonly actor: Actor }): Promise<QuestionSet> {
  return withFormFile(context, questionSetFormSchema, ({ name, fields, bytes }) =>
    context.platform.adaptation.importQuestionSet(context.actor, {
      name: fields.name ?? titleOfFile(name, "Questions"),
      collection: fields.collection,
      fileName: name,
      bytes,
    }),
  );
}

const setId = (id: string) => requireId("dataset", id);

const questionRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/question-sets/{id}/questions",
    access: ["admin"],
    summary: "Questions of a set with their answers and right passages, by source or words.",
    query: questionListQuerySchema,
    reply: { status: 200, schema: questionListSchema },
    handle: ({ platform, actor, params, query }) => platform.adaptation.questions(actor, setId(params.id), query),
  }),
  defineRoute({
    method: "delete",
    path: "/api/v1/question-sets/{id}/questions/{questionId}",
    access: ["admin"],
    summary: "Takes a question out of its set.",
    reply: { status: 204 },
    handle: ({ platform, actor, params }) =>
      platform.adaptation.deleteQuestion(actor, setId(params.id), requireId("example", params.questionId)),
  }),
];

export const questionSetRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/question-sets",
    access: ["admin"],
    summary: "Question sets, newest first; of one collection (id or name) if wanted.",
    query: questionSetListQuerySchema,
    reply: { status: 200, schema: questionSetListSchema },
    handle: ({ platform, actor, query }) => platform.adaptation.questionSets(actor, query),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/question-sets",
    access: ["admin"],
    summary:
      "Saves a question set (JSON), or a file of JSON lines or CSV (multipart: file, collection, name). `draft` fills it from documents or feedback, as a job.",
    reads: { "application/json": createQuestionSetSchema, "multipart/form-data": fileFormSchema },
    reply: { status: 201, schema: questionSetSchema },
    handle: async ({ platform, actor, request, response, signal }) => {
      if (isMultipart(request)) return importFile({ platform, actor, request, response, signal });
      const value = await readJsonBody(request, platform.config.limits.jsonBytes);
      return platform.adaptation.createQuestionSet(actor, parseInput(createQuestionSetSchema, value, "body"));
    },
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/question-sets/{id}",
    access: ["admin"],
    summary: "One question set: how many questions, and where they come from.",
    reply: { status: 200, schema: questionSetSchema },
    handle: ({ platform, actor, params }) => platform.adaptation.questionSet(actor, setId(params.id)),
  }),
  defineRoute({
    method: "patch",
    path: "/api/v1/question-sets/{id}",
    access: ["admin"],
    summary: "Renames a question set.",
    body: patchQuestionSetSchema,
    reply: { status: 200, schema: questionSetSchema },
    handle: ({ platform, actor, params, body }) =>
      platform.adaptation.renameQuestionSet(actor, setId(params.id), body.name),
  }),
  defineRoute({
    method: "delete",
    path: "/api/v1/question-sets/{id}",
    access: ["admin"],
    summary: "Deletes a question set; runs that asked it keep their figures.",
    reply: { status: 204 },
    handle: ({ platform, actor, params }) => platform.adaptation.deleteQuestionSet(actor, setId(params.id)),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/question-sets/{id}:draft",
    access: ["admin"],
    summary:
      "Adds questions from documents, rated answers, or ones that the documents do not answer; the answer is a job.",
    body: draftQuestionsSchema,
    reply: { status: 202, schema: jobSchema },
    handle: async ({ platform, services, actor, params, body }) => {
      const job = await platform.adaptation.draftQuestions(actor, setId(params.id), body);
      return describeJob(platform, job, services.now());
    },
  }),
  ...questionRoutes,
];
