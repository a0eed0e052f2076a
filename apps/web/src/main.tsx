/** Starts the page: language, theme, queries, routes. A session that ended anywhere leads to the login. */
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./app.css";
import { startI18n } from "./i18n/setup.ts";
import { makeRouter } from "./router.tsx";
import "./theme.ts";
import { isUnauthenticated } from "./ui/error-text.ts";

const MAX_RETRIES = 2;

function signedOut(error: unknown): void {
  const path = router.state.location.pathname;
  if (!isUnauthenticated(error) || path === "/login" || path === "/setup") return;
  queries.removeQueries({ queryKey: ["session"] });
  void router.navigate({ to: "/login" });
}

/** What cannot be reached or is overloaded may work in a moment; a plain refusal will not. */
function mayRetry(count: number, error: unknown): boolean {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : 0;
  return count < MAX_RETRIES && (status === 0 || status === 429 || (typeof status === "number" && status >= 500));
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: signedOut }),
  mutationCache: new MutationCache({ onError: signedOut }),
  defaultOptions: { queries: { retry: mayRetry, staleTime: 2000 } },
});
const router = makeRouter(queries);

// Screen readers hear of a new page through its title; the keyboard starts at its top.
router.subscribe("onResolved", ({ pathChanged, fromLocation }) => {
  if (!pathChanged || fromLocation === undefined) return;
  if (document.activeElement?.closest("form, dialog") != null) return;
  const main = document.getElementById("main");
  if (main === null) return;
  // Nobody tabbed here, so no ring; one that the reader puts there by tabbing shows.
  main.dataset["quiet"] = "";
  main.addEventListener("blur", () => delete main.dataset["quiet"], { once: true });
  main.focus({ preventScroll: true });
});

await startI18n();
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
