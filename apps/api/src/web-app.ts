/**
 * Delivers the built web app: names with a hash may be kept for ever, the page itself is asked for anew each time. Every
 * path that is no file is a place inside the app, so it gets the page.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import express, { type RequestHandler, Router } from "express";

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lorekeep</title></head>
<body><h1>The web app is not built yet</h1>
<p>Run <code>npm run build</code> in the project folder, then load this page again. The API answers already: see
<a href="/api/docs">/api/docs</a>.</p></body></html>
`;

export function webApp(webFolder: string): RequestHandler {
  const router = Router();
  router.use(
    express.static(webFolder, {
      index: false,
      redirect: false,
      setHeaders(response, path) {
        const isHashed = path.includes("/assets/") || path.includes("\\assets\\");
        response.setHeader("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
      },
    }),
  );
  router.use((request, response, next) => {
    const isPage = (request.method === "GET" || request.method === "HEAD") && !request.path.startsWith("/assets/");
    if (!isPage) return next("router");
    response.setHeader("cache-control", "no-cache");
    const page = join(webFolder, "index.html");
    if (existsSync(page)) response.sendFile(page);
    else response.status(503).type("html").send(NOT_BUILT);
  });
  return router;
}
