/**
 * A new user in a real browser on a real house: owner link → sample → cited answer → its place in the source → own PDF and
 * Chinese text → refusal → delete → nightly schedule; then narrow and Chinese, with axe-core on the pages. One story, told in
 * order; every page is watched for requests to another origin (S9) and for content-security violations.
 */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { axeFindings } from "./axe.ts";
import { chromiumPath, launchBrowser, openPage, type WatchedPage } from "./browser.ts";
import { startHouse, type House } from "./house.ts";

const FIXTURES = join(import.meta.dirname, "..", "fixtures", "documents");
const OUT = join(import.meta.dirname, "out");
const PASSWORD = "a long enough password";

let house: House;
let browser: Browser;
let watched: WatchedPage;
let page: Page;

const shot = (name: string) => page.screenshot({ path: join(OUT, `${name}.png`) });

/** Asks in the composer and waits until the answer or refusal is complete. */
async function ask(question: string): Promise<void> {
  const before = await page.getByTestId("answer").count();
  await page.getByRole("textbox", { name: "Question" }).fill(question);
  await page.getByRole("textbox", { name: "Question" }).press("Enter");
  await page.getByTestId("answer").nth(before).waitFor();
  await finished();
}

async function finished(): Promise<void> {
  await page.locator('[data-testid=answer][aria-busy="true"]').waitFor({ state: "detached", timeout: 120_000 });
}

async function upload(...names: string[]): Promise<void> {
  await page.goto(`${house.url}/admin/documents`);
  await page.getByTestId("file-input").setInputFiles(names.map((name) => join(FIXTURES, name)));
  for (const name of names) {
    const row = page.getByTestId("document-row").filter({ hasText: name });
    await row.and(page.locator('[data-status="ready"], [data-status="failed"]')).waitFor({ timeout: 120_000 });
  }
}

describe.skipIf(chromiumPath === null)("a new user in a browser", () => {
  beforeAll(async () => {
    house = await startHouse();
    browser = await launchBrowser();
    watched = await openPage(browser, house.url);
    page = watched.page;
    page.setDefaultTimeout(30_000);
  });
  afterAll(async () => {
    await browser?.close();
    await house?.[Symbol.asyncDispose]();
  });

  test("becomes the owner through the one-time link, and the link works once (S13)", async () => {
    expect(house.ownerLink).not.toBeNull();
    await page.goto(house.ownerLink ?? "");
    await page.getByLabel("Name").fill("Ada");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByLabel(/again/i).fill(PASSWORD);
    await page.locator("form button[type=submit]").click();
    await page.waitForURL(/\/welcome/);
    const second = await openPage(browser, house.url);
    await second.page.goto(house.ownerLink ?? "");
    await second.page.getByRole("link", { name: /sign in/i }).waitFor();
    await second.context.close();
  });

  test("loads the sample with one click and gets a first cited answer without filling a form", async () => {
    await page.getByRole("button", { name: "Load the sample and ask" }).click();
    await page.getByTestId("sample-ready").waitFor({ timeout: 120_000 });
    await shot("sample-ready");
    await page.getByTestId("suggestion").first().click();
    await page.getByTestId("answer").first().waitFor();
    await finished();
    await page.getByTestId("citation").first().waitFor();
    expect(await page.getByTestId("answer-text").first().innerText()).toMatch(/58|paper/i);
    await shot("first-answer");
  });

  test("opens the source at the passage, highlighted", async () => {
    await page.getByTestId("citation").first().click();
    const mark = page.getByTestId("highlight").first();
    await mark.waitFor();
    expect(await mark.isVisible()).toBe(true);
    await shot("source-text");
  });

  test("reads an uploaded PDF and a Chinese text, and a bad file fails alone (C4)", async () => {
    await upload("service-bulletin.pdf", "duty-log.gb18030.txt", "protected.pdf");
    const bad = page.getByTestId("document-row").filter({ hasText: "protected.pdf" });
    expect(await bad.getAttribute("data-status")).toBe("failed");
    await bad.getByTestId("document-error").waitFor();
    const good = page.getByTestId("document-row").filter({ hasText: "service-bulletin.pdf" });
    expect(await good.getAttribute("data-status")).toBe("ready");
    await shot("documents");
  });

  test("answers from the PDF and opens its page with the passage highlighted (F3)", async () => {
    await page.goto(`${house.url}/`);
    await ask("What is the certificate number of the last radar inspection?");
    expect(await page.getByTestId("answer-text").first().innerText()).toContain("HM-2025-0193");
    await page.getByTestId("citation").first().click();
    await page.getByTestId("highlight").first().waitFor();
    expect(await page.getByTestId("pdf-page").innerText()).toMatch(/2/);
    await shot("source-pdf");
  });

  test("lets the words of a PDF page be selected, and the highlight lies on the words that it cites (F3)", async () => {
    const words = page.getByTestId("pdf-text").locator("span").filter({ hasText: "HM-2025-0193" }).first();
    const place = (await words.boundingBox())!;
    const boxes = await Promise.all((await page.getByTestId("highlight").all()).map((mark) => mark.boundingBox()));
    const middle = place.y + place.height / 2;
    const isMarked = boxes.some((box) => box !== null && middle > box.y && middle < box.y + box.height);
    expect(isMarked, JSON.stringify({ place, boxes })).toBe(true);
    await page.mouse.move(place.x + 1, middle);
    await page.mouse.down();
    await page.mouse.move(place.x + place.width - 1, middle, { steps: 5 });
    await page.mouse.up();
    const selected = String(await page.evaluate("getSelection().toString()"));
    expect(selected.length).toBeGreaterThan(3);
    expect(await words.innerText()).toContain(selected.trim());
  });

  test("answers a Chinese question from the Chinese text", async () => {
    await page.goto(`${house.url}/`);
    await ask("哪把钥匙在三号泊位遗失了？");
    expect(await page.getByTestId("answer-text").first().innerText()).toContain("K27");
    expect(await page.getByTestId("extractive").count()).toBe(1);
  });

  test("refuses an off-corpus question and says what was searched (G2)", async () => {
    await ask("Who painted the ceiling of the Sistine Chapel?");
    await page.getByTestId("refusal").last().waitFor();
    expect((await page.getByTestId("refusal-text").last().innerText()).length).toBeGreaterThan(20);
    await shot("refusal");
  });

  test("shows the same citations after a reload (F4)", async () => {
    const before = await page.getByTestId("messages").innerText();
    await page.reload();
    await page.getByTestId("messages").waitFor();
    await page.getByTestId("refusal").last().waitFor();
    expect(await page.getByTestId("messages").innerText()).toBe(before);
  });

  test("deletes a document: gone from the list, from search and from chat (A1)", async () => {
    await page.goto(`${house.url}/admin/documents`);
    const row = page.getByTestId("document-row").filter({ hasText: "service-bulletin.pdf" });
    await row.getByRole("button", { name: /More for/ }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await row.waitFor({ state: "detached" });
    const { results } = await house.client.search({ query: "HM-2025-0193 radar certificate", limit: 100 });
    expect(JSON.stringify(results)).not.toContain("HM-2025-0193");
    await page.goto(`${house.url}/`);
    await ask("What is the certificate number of the last radar inspection?");
    expect(await page.getByTestId("messages").innerText()).not.toContain("HM-2025-0193");
  });

  test("edits the nightly schedule and runs it now, with a report", async () => {
    await page.goto(`${house.url}/admin/nightly`);
    await page.getByLabel("At", { exact: true }).fill("03:30");
    await page.getByRole("button", { name: "Save" }).click();
    await expect.poll(async () => (await house.client.schedule.get()).cron).toBe("30 3 * * *");
    await page.getByRole("button", { name: "Run now" }).click();
    await page.getByTestId("nightly-report").waitFor({ timeout: 120_000 });
    await shot("nightly");
  });

  test("has nothing serious for axe-core on any page, light and dark", async () => {
    const paths = ["/", "/search", "/admin", "/admin/documents", "/admin/collections", "/admin/jobs"];
    const found: string[] = [];
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const path of [...paths, "/admin/nightly", "/admin/models", "/admin/keys"]) {
        await page.goto(`${house.url}${path}`);
        await page.waitForLoadState("networkidle");
        found.push(...(await axeFindings(page)).map((finding) => `${scheme} ${path} ${finding}`));
      }
    }
    expect(found).toEqual([]);
  });

  test("shows hostile text as text, answers again, and looks into an answer, in Chinese too (S8)", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    const hostile = '<img src="https://elsewhere.example/a.png" onerror="window.hacked=1">';
    const text = `The zephyr valve ${hostile} is opened ![x](https://elsewhere.example/b.png) by the bosun at dawn. <script>window.hacked=1</script>`;
    const { items } = await house.client.documents.import({ title: hostile, name: `${hostile}.txt`, text });
    await expect
      .poll(async () => (await house.client.documents.get(items[0]!.id)).status, { timeout: 60_000 })
      .toBe("ready");
    await page.goto(`${house.url}/`);
    await ask("Who opens the zephyr valve at dawn?");
    expect(await page.getByTestId("answer-text").last().innerText()).toContain("bosun");
    await page.getByRole("button", { name: "Answer again" }).click();
    await finished();
    expect(await page.getByTestId("answer").count()).toBe(1);
    const findings = (await axeFindings(page)).map((finding) => `answer ${finding}`);
    await page.getByRole("button", { name: /^\d+ passages?$/ }).click();
    await page.getByTestId("source").first().waitFor();
    findings.push(...(await axeFindings(page)).map((finding) => `passages ${finding}`));
    await page.getByTestId("citation").first().click();
    await page.getByTestId("highlight").first().waitFor();
    findings.push(...(await axeFindings(page)).map((finding) => `source ${finding}`));
    await shot("hostile");

    await page.goto(`${house.url}/`);
    await page.getByRole("button", { name: "中文" }).first().click();
    await page.getByRole("textbox", { name: "问题" }).waitFor();
    expect(await page.evaluate("document.documentElement.lang")).toMatch(/^zh/);
    await page.getByRole("textbox", { name: "问题" }).fill("哪把钥匙在三号泊位遗失了？");
    await page.getByRole("textbox", { name: "问题" }).press("Enter");
    await page.getByTestId("answer-text").first().waitFor();
    await finished();
    expect(await page.getByTestId("answer-text").first().innerText()).toContain("K27");
    findings.push(...(await axeFindings(page)).map((finding) => `中文 ${finding}`));
    await shot("chinese");
    await page.getByRole("button", { name: "English" }).first().click();
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(findings).toEqual([]);
  });

  test("works at 375 px: no sideways scrolling, ask and open a source", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 375, height: 740 });
    for (const path of ["/", "/admin/documents", "/admin/jobs", "/admin/nightly", "/search"]) {
      await page.goto(`${house.url}${path}`);
      await page.waitForLoadState("networkidle");
      expect(await page.evaluate("document.documentElement.scrollWidth"), path).toBeLessThanOrEqual(375);
    }
    await page.goto(`${house.url}/`);
    await ask("How long is lost property kept?");
    expect(await page.getByTestId("answer-text").first().innerText()).toContain("90");
    await page.getByTestId("citation").first().click();
    await page.getByTestId("highlight").first().waitFor();
    await shot("narrow-source");
  });

  test("never asked another origin for anything and broke no policy (S9)", () => {
    expect(watched.foreignRequests).toEqual([]);
    expect(watched.problems).toEqual([]);
  });
});
