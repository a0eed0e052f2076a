/** Debian's Chromium, headless, without any background request of its own; every page is watched for foreign requests. */
import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
export const chromiumPath = PATHS.find((path) => existsSync(path)) ?? null;
if (chromiumPath === null)
  console.warn("Browser tests are skipped: Chromium is not installed (Debian package chromium).");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function launchBrowser(): Promise<Browser> {
  if (chromiumPath === null) throw new Error("Chromium is not installed");
  return chromium.launch({ executablePath: chromiumPath, headless: true, args: FLAGS });
}

export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Requests that left the product's origin (S9), page errors and CSP violations: all must stay empty. */
  readonly foreignRequests: string[];
  readonly problems: string[];
}

export async function openPage(
  browser: Browser,
  origin: string,
  options: { width?: number; height?: number; locale?: string; dark?: boolean } = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    locale: options.locale ?? "en-US",
    colorScheme: options.dark === true ? "dark" : "light",
    acceptDownloads: true,
  });
  const page = await context.newPage();
  const foreignRequests: string[] = [];
  const problems: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("data:") && !url.startsWith("blob:")) foreignRequests.push(url);
  });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && /Content Security Policy|Uncaught/.test(message.text()))
      problems.push(message.text());
  });
  return { page, context, foreignRequests, problems };
}
