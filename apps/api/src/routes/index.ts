/** Every route of the product, in one list. */
import type { Route } from "../route.ts";
import { adapterRoutes } from "./adapters.ts";
import { chatRoutes } from "./chat.ts";
import { collectionRoutes } from "./collections.ts";
import { conversationRoutes } from "./conversations.ts";
import { datasetRoutes } from "./datasets.ts";
import { documentContentRoutes } from "./document-content.ts";
import { documentRoutes } from "./documents.ts";
import { documentationRoutes } from "./documentation.ts";
import { evaluationRoutes } from "./evaluations.ts";
import { facetRoutes } from "./facets.ts";
import { fineTuneRoutes } from "./fine-tunes.ts";
import { healthRoutes } from "./health.ts";
import { jobRoutes } from "./jobs.ts";
import { keyRoutes } from "./keys.ts";
import { messageRoutes } from "./messages.ts";
import { openAiRoutes } from "./openai.ts";
import { operationRoutes } from "./operations.ts";
import { promptRoutes } from "./prompts.ts";
import { questionSetRoutes } from "./question-sets.ts";
import { refusalCurveRoutes } from "./refusal-curves.ts";
import { scheduleRoutes } from "./schedules.ts";
import { searchRoutes } from "./search.ts";
import { sessionRoutes } from "./session.ts";

const resources: readonly Route[] = [
  ...healthRoutes,
  ...sessionRoutes,
  ...collectionRoutes,
  ...refusalCurveRoutes,
  // Before documents: "facets" is no id.
  ...facetRoutes,
  ...documentRoutes,
  ...documentContentRoutes,
  ...searchRoutes,
  ...chatRoutes,
  ...conversationRoutes,
  ...messageRoutes,
  ...datasetRoutes,
  ...fineTuneRoutes,
  ...adapterRoutes,
  ...promptRoutes,
  ...questionSetRoutes,
  ...evaluationRoutes,
  ...jobRoutes,
  ...scheduleRoutes,
  ...keyRoutes,
  ...operationRoutes,
  ...openAiRoutes,
];

export const routes: readonly Route[] = [...resources, ...documentationRoutes(resources)];
