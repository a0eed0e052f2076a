// Who may import whom (ARCHITECTURE.md has the table in words). A wrong import fails the build.
const may = {
  core: [],
  ingest: ["core"],
  models: ["core", "autodiff"],
  "vector-index": ["core"],
  store: ["core"],
  jobs: ["core"],
  rag: ["core", "ingest"],
  autodiff: ["core"],
  tune: ["core", "autodiff"],
  client: ["core"],
  platform: ["core", "ingest", "models", "vector-index", "store", "jobs", "rag", "autodiff", "tune"],
};
const apps = {
  api: ["core", "platform", "worker"],
  worker: ["core", "platform"],
  cli: ["core", "platform", "client"],
  web: ["core", "client"],
};
const others = (allowed, self) =>
  [...Object.keys(may).map((name) => `packages/${name}`), ...Object.keys(apps).map((name) => `apps/${name}`)].filter(
    (path) => !allowed.some((name) => path === `packages/${name}` || path === `apps/${name}`) && path !== self,
  );
const rule = (path, allowed) => ({
  name: `layers-${path.replace("/", "-")}`,
  severity: "error",
  comment: `${path} may import only ${allowed.length > 0 ? allowed.join(", ") : "nothing of the house"}`,
  from: { path: `^${path}/`, pathNot: "\\.test\\.tsx?$|/testing/" },
  to: { path: `^(${others(allowed, path).join("|")})/` },
});
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    ...Object.entries(may).map(([name, allowed]) => rule(`packages/${name}`, allowed)),
    ...Object.entries(apps).map(([name, allowed]) => rule(`apps/${name}`, allowed)),
    rule("e2e", ["core", "client"]),
    {
      name: "core-is-browser-safe",
      severity: "error",
      comment: "core runs in the browser: type imports of node modules only",
      from: { path: "^packages/(core|client)/src", pathNot: "\\.test\\.ts$|/testing/" },
      to: { dependencyTypes: ["core"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "no-drawers",
      severity: "error",
      comment: "name a file after what it does",
      from: {},
      to: { path: "/(utils?|helpers?|common|misc|manager)\\.tsx?$", pathNot: "node_modules|core/src/api/common" },
    },
    {
      name: "testing-is-for-tests",
      severity: "error",
      from: { path: "^(packages|apps)/", pathNot: "\\.test\\.tsx?$|/testing/" },
      to: { path: "packages/core/src/testing" },
    },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^bun:|^mdast$|\\.css$|\\?" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/(dist|out|node_modules)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".js"],
    },
  },
};
