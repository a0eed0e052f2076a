// Builds the single-page app into dist/. The page is served under a strict CSP: nothing may be inlined, nothing may
// come from another origin; so pdf.js's character maps, fonts and decoders are copied beside the bundle.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const PDFJS_FOLDERS = ["cmaps", "standard_fonts", "wasm", "iccs"];
const api = process.env["LOREKEEP_WEB_API"] ?? "http://127.0.0.1:7777";

function pdfjsAssets(): Plugin {
  const base = dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
  return {
    name: "pdfjs-assets",
    apply: "build",
    generateBundle() {
      for (const folder of PDFJS_FOLDERS)
        for (const file of readdirSync(join(base, folder)))
          this.emitFile({
            type: "asset",
            fileName: `pdfjs/${folder}/${file}`,
            source: readFileSync(join(base, folder, file)),
          });
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [react(), tailwindcss(), pdfjsAssets()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // A few files that stay the same from release to release, instead of one for every icon.
        codeSplitting: {
          groups: [
            { name: "icons", test: /node_modules\/lucide-react/ },
            { name: "libraries", test: /node_modules\/(?!pdfjs-dist|lucide-react|vite)/ },
            { name: "parts", test: /apps\/web\/src\/(ui|shell|i18n\/en|[^/]+\.tsx?$)/ },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": api, "/healthz": api, "/readyz": api } },
});
