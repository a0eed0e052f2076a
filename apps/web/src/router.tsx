/** All routes, in code. The chat is in the first bundle; everything else loads when it is first opened. */
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { ChatPage } from "./chat/chat-page.tsx";
import { sessionQuery } from "./queries.ts";
import { parseFilter } from "./search/filter-draft.ts";
import { FailedPage, UnknownPage } from "./shell/failed-page.tsx";
import { Shell } from "./shell/shell.tsx";
import { parsePane } from "./source/pane-state.ts";

interface Context {
  readonly queries: QueryClient;
}

const rootRoute = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: UnknownPage });

const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/setup",
  component: lazyRouteComponent(() => import("./auth/setup-page.tsx"), "SetupPage"),
});
const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  component: lazyRouteComponent(() => import("./auth/login-page.tsx"), "LoginPage"),
});

const insideRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "inside",
  component: Shell,
  beforeLoad: async ({ context }) => {
    const session = await context.queries.ensureQueryData(sessionQuery);
    // The router's own signal, not an error.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    if (session.user === null) throw redirect({ to: "/login" });
  },
});

// One component for the new conversation and for one that has its name: it stays mounted when the name arrives.
const chatRoute = createRoute({
  getParentRoute: () => insideRoute,
  id: "chat",
  component: ChatPage,
  validateSearch: parsePane,
});
const newChatRoute = createRoute({ getParentRoute: () => chatRoute, path: "/" });
const conversationRoute = createRoute({ getParentRoute: () => chatRoute, path: "/c/$conversationId" });

const welcomeRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: "/welcome",
  component: lazyRouteComponent(() => import("./auth/welcome-page.tsx"), "WelcomePage"),
});
const filterOf = (value: unknown) => {
  const filter = parseFilter(value);
  return filter === undefined ? {} : { filter };
};
const searchRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: "/search",
  component: lazyRouteComponent(() => import("./search/search-page.tsx"), "SearchPage"),
  validateSearch: (search: Record<string, unknown>) => ({
    ...parsePane(search),
    ...(typeof search["q"] === "string" ? { q: search["q"] } : {}),
    ...filterOf(search["filter"]),
  }),
});

const adminRoute = createRoute({ getParentRoute: () => insideRoute, path: "/admin", component: Outlet });
const overviewRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./admin/overview-page.tsx"), "OverviewPage"),
});
const documentsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/documents",
  component: lazyRouteComponent(() => import("./admin/documents-page.tsx"), "DocumentsPage"),
});
const documentRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/documents/$documentId",
  component: lazyRouteComponent(() => import("./admin/document-page.tsx"), "DocumentPage"),
});
const collectionsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/collections",
  component: lazyRouteComponent(() => import("./admin/collections-page.tsx"), "CollectionsPage"),
});
const refusalRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/collections/$collectionId/refusals",
  component: lazyRouteComponent(() => import("./admin/refusal-page.tsx"), "RefusalPage"),
});
const jobsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/jobs",
  component: lazyRouteComponent(() => import("./admin/jobs-page.tsx"), "JobsPage"),
});
const nightlyRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/nightly",
  component: lazyRouteComponent(() => import("./admin/nightly-page.tsx"), "NightlyPage"),
});
const modelsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/models",
  component: lazyRouteComponent(() => import("./admin/models-page.tsx"), "ModelsPage"),
});
const keysRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/keys",
  component: lazyRouteComponent(() => import("./admin/keys-page.tsx"), "KeysPage"),
});
const auditRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/audit",
  component: lazyRouteComponent(() => import("./admin/audit-page.tsx"), "AuditPage"),
});

const given = (search: Record<string, unknown>, ...names: readonly string[]) =>
  Object.fromEntries(names.flatMap((name) => (typeof search[name] === "string" ? [[name, search[name]]] : [])));
const adaptRoute = createRoute({ getParentRoute: () => adminRoute, path: "/adapt", component: Outlet });
const adaptOverviewRoute = createRoute({
  getParentRoute: () => adaptRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./adapt/overview-page.tsx"), "AdaptOverviewPage"),
});
const datasetsRoute = createRoute({
  getParentRoute: () => adaptRoute,
  path: "/datasets",
  component: lazyRouteComponent(() => import("./adapt/datasets-page.tsx"), "DatasetsPage"),
});
const datasetRoute = createRoute({
  getParentRoute: () => adaptRoute,
  path: "/datasets/$datasetId",
  component: lazyRouteComponent(() => import("./adapt/dataset-page.tsx"), "DatasetPage"),
  validateSearch: (search: Record<string, unknown>): { job?: string } => given(search, "job"),
});
const trainRoute = createRoute({
  getParentRoute: () => adaptRoute,
  path: "/train",
  component: lazyRouteComponent(() => import("./adapt/train-page.tsx"), "TrainPage"),
  validateSearch: (search: Record<string, unknown>): { dataset?: string } => given(search, "dataset"),
});
const runRoute = createRoute({
  getParentRoute: () => adaptRoute,
  path: "/runs/$runId",
  component: lazyRouteComponent(() => import("./adapt/run-page.tsx"), "RunPage"),
});
const compareRoute = createRoute({
  getParentRoute: () => adaptRoute,
  path: "/compare",
  component: lazyRouteComponent(() => import("./adapt/compare-page.tsx"), "ComparePage"),
  validateSearch: (search: Record<string, unknown>): { adapter?: string } => given(search, "adapter"),
});
const evaluationsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/evaluation",
  component: lazyRouteComponent(() => import("./evaluate/evaluation-page.tsx"), "EvaluationPage"),
});
const evaluationCompareRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/evaluation/compare",
  component: lazyRouteComponent(() => import("./evaluate/evaluation-compare-page.tsx"), "EvaluationComparePage"),
  validateSearch: (search: Record<string, unknown>): { before?: string; after?: string } =>
    given(search, "before", "after"),
});
const questionSetsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/evaluation/sets",
  component: lazyRouteComponent(() => import("./evaluate/question-sets-page.tsx"), "QuestionSetsPage"),
});
const questionSetRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/evaluation/sets/$setId",
  component: lazyRouteComponent(() => import("./evaluate/question-set-page.tsx"), "QuestionSetPage"),
  validateSearch: (search: Record<string, unknown>): { job?: string } => given(search, "job"),
});
const evaluationRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: "/evaluation/$evaluationId",
  component: lazyRouteComponent(() => import("./evaluate/evaluation-detail-page.tsx"), "EvaluationDetailPage"),
});

const routeTree = rootRoute.addChildren([
  setupRoute,
  loginRoute,
  insideRoute.addChildren([
    chatRoute.addChildren([newChatRoute, conversationRoute]),
    welcomeRoute,
    searchRoute,
    adminRoute.addChildren([
      overviewRoute,
      documentsRoute,
      documentRoute,
      collectionsRoute,
      refusalRoute,
      adaptRoute.addChildren([adaptOverviewRoute, datasetsRoute, datasetRoute, trainRoute, runRoute, compareRoute]),
      evaluationsRoute,
      evaluationCompareRoute,
      questionSetsRoute,
      questionSetRoute,
      evaluationRoute,
      jobsRoute,
      nightlyRoute,
      modelsRoute,
      keysRoute,
      auditRoute,
    ]),
  ]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    defaultPreload: "intent",
    defaultErrorComponent: FailedPage,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
