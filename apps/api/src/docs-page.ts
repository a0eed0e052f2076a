/** The API's documentation as one plain page under the strict policy: no script, one stylesheet, no other origin. */
import type { OpenApiDocument, Operation } from "./openapi.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");

export function docsPage({ paths, info: { version } }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const sections = tags.map((tag) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(tag));
    return `<section id="${escapeHtml(tag)}"><h2>${escapeHtml(tag)}</h2>${own.map(describe).join("")}</section>`;
  });
  const links = tags.map((tag) => `<a href="#${escapeHtml(tag)}">${escapeHtml(tag)}</a>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lorekeep API ${escapeHtml(version)}</title>
<link rel="stylesheet" href="/api/docs.css">
</head>
<body>
<header><h1>Lorekeep API <small>${escapeHtml(version)}</small></h1>
<p>Send a key as <code>Authorization: Bearer KEY</code>. Errors are problem details (RFC 9457) with a <code>code</code>.
Lists take <code>limit</code> and <code>cursor</code>. Machine-readable: <a href="/api/v1/openapi.json">openapi.json</a>.</p>
<nav>${links.join(" ")}</nav></header>
<main>${sections.join("\n")}</main>
</body>
</html>
`;
}

function describe({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const parameters = operation.parameters.map(
    (parameter) =>
      `<li><code>${escapeHtml(parameter.name)}</code> in ${parameter.in}${parameter.required ? "" : ", optional"}</li>`,
  );
  const bodies = Object.entries(operation.requestBody?.content ?? {});
  return `<article>
<h3><span class="method">${method.toUpperCase()}</span> <code>${escapeHtml(path)}</code></h3>
<p>${escapeHtml(operation.summary)}</p>
<p class="access">For ${escapeHtml(operation["x-access"])}</p>
${parameters.length === 0 ? "" : `<ul>${parameters.join("")}</ul>`}
${bodies.map(([type, { schema }]) => details(`Body: ${type}`, schema)).join("")}
${Object.entries(operation.responses)
  .filter(([status]) => status !== "default")
  .map(([status, response]) => details(`Answer: ${status}`, response))
  .join("")}
</article>`;
}

const details = (title: string, value: unknown): string =>
  `<details><summary>${escapeHtml(title)}</summary><pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre></details>`;

export const DOCS_STYLE = `:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif; }
body { max-width: 52rem; margin: 0 auto; padding: 2rem 1rem 6rem; }
h1 small { font-weight: 400; opacity: 0.6; }
h2 { margin-top: 3rem; text-transform: capitalize; }
h3 { margin: 2rem 0 0.25rem; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: 0.25rem 0; }
nav { margin-top: 1rem; display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; }
.method { font-weight: 700; }
.access, ul { font-size: 0.875rem; opacity: 0.75; }
pre { overflow: auto; max-height: 24rem; padding: 1rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 0.5rem; font-size: 0.8125rem; }
`;
