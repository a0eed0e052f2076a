/** Runs of the instrument over a dataset, and whether the difference between two runs is real. */
import {
  compareEvaluationsQuerySchema,
  createEvaluationSchema,
  evaluationComparisonSchema,
  evaluationDetailSchema,
  evaluationListSchema,
  evaluationSchema,
  pageQuerySchema,
} from "@lorekeep/core";
import { requireId } from "../ids.ts";
import { defineRoute } from "../route.ts";

export const evaluationRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/evaluations",
    access: ["admin"],
    summary: "Evaluations, newest first.",
    query: pageQuerySchema,
    reply: { status: 200, schema: evaluationListSchema },
    handle: ({ platform, actor, query }) => platform.adaptation.evaluations(actor, query),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/evaluations",
    access: ["admin"],
    summary:
      "Asks every question of a question set or dataset (id or name) and measures search and answers; `candidate` tries settings beside the serving ones.",
    body: createEvaluationSchema,
    reply: { status: 202, schema: evaluationSchema },
    handle: ({ platform, actor, body }) => platform.adaptation.startEvaluation(actor, body),
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/evaluations/{id}",
    access: ["admin"],
    summary: "One evaluation: figures, setting, and every question with its answer.",
    reply: { status: 200, schema: evaluationDetailSchema },
    handle: ({ platform, actor, params }) => platform.adaptation.evaluation(actor, requireId("evaluation", params.id)),
  }),
  defineRoute({
    method: "delete",
    path: "/api/v1/evaluations/{id}",
    access: ["admin"],
    summary: "Deletes an evaluation.",
    reply: { status: 204 },
    handle: ({ platform, actor, params }) =>
      platform.adaptation.deleteEvaluation(actor, requireId("evaluation", params.id)),
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/evaluations/{id}:cancel",
    access: ["admin"],
    summary: "Stops an evaluation that waits or runs.",
    reply: { status: 200, schema: evaluationSchema },
    handle: ({ platform, actor, params }) =>
      platform.adaptation.cancelEvaluation(actor, requireId("evaluation", params.id)),
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/evaluations/{id}/compare",
    access: ["admin"],
    summary: "This run against a later one on the questions that both asked, with confidence intervals.",
    query: compareEvaluationsQuerySchema,
    reply: { status: 200, schema: evaluationComparisonSchema },
    handle: ({ platform, actor, params, query }) => {
      const before = requireId("evaluation", params.id);
      return platform.adaptation.compareEvaluations(actor, before, requireId("evaluation", query.with));
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/evaluations/{id}:switch-on",
    access: ["admin"],
    summary: "What the run tried (embedder, chunks, search settings, adapter) begins to serve its collection.",
    reply: { status: 200, schema: evaluationSchema },
    handle: ({ platform, actor, params }) =>
      platform.adaptation.switchOnEvaluation(actor, requireId("evaluation", params.id)),
  }),
];
