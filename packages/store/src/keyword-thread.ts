/** Worker thread: keyword search and facets on a read-only connection of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { answerThreadCalls } from "./answer-thread-calls.ts";
import { openKeywordSearch } from "./keyword-search.ts";
import { openDatabase } from "./open-database.ts";

const { path } = workerData as { path: string };
const { sqlite } = openDatabase(path, { readonly: true });
const { search, matchFilter, termStatistics, facets } = openKeywordSearch(sqlite);

answerThreadCalls(parentPort!, { search, matchFilter, termStatistics, facets }, () => sqlite.close());
