/**
 * The Adapt pages in a real browser, by keyboard alone: file → dataset → examples looked through → training with its curve →
 * report → switched on → taken back; then every page narrow and wide, with axe-core. One story, told in order.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { axeFindings } from "./axe.ts";
import { chromiumPath, launchBrowser, openPage, type WatchedPage } from "./browser.ts";
import { startHouse, type House } from "./house.ts";
import { gateExamples, tinyGenerator } from "./tiny-generator.ts";

const OUT = join(import.meta.dirname, "out");
const MAX_TABS = 120;

let folder: string;
let house: House;
let browser: Browser;
let watched: WatchedPage;
let page: Page;
let runPath: string;
let datasetPath: string;

const shot = (name: string) => page.screenshot({ path: join(OUT, `adapt-${name}.png`), fullPage: true });

/** Tab after Tab (or back) until the target has the focus: what cannot be reached so is no use without a mouse. */
async function reach(target: Locator, way: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await target.waitFor({ state: "attached" });
  const focused = target.and(page.locator(":focus"));
  for (let tabs = 0; tabs < MAX_TABS; tabs += 1) {
    if ((await focused.count()) > 0) return;
    await page.keyboard.press(way);
  }
  throw new Error(`${String(target)} is not reached with ${way}`);
}
async function press(target: Locator, key = "Enter", way: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await reach(target, way);
  await page.keyboard.press(key);
}
async function type(label: string, text: string): Promise<void> {
  await reach(page.getByLabel(label, { exact: true }));
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(text);
}
const button = (name: string | RegExp) => page.getByRole("button", { name });
const link = (name: string | RegExp) => page.getByRole("link", { name, exact: typeof name === "string" });
const everywhere = () => page.getByTestId("answering").first();

describe.skipIf(chromiumPath === null)("adaptation by keyboard", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "lorekeep-adapt-"));
    house = await startHouse({ environment: tinyGenerator(folder) });
    browser = await launchBrowser();
    watched = await openPage(browser, house.url);
    page = watched.page;
    page.setDefaultTimeout(30_000);
    await page.goto(house.ownerLink ?? "");
    await page.getByLabel("Name").fill("Ada");
    await page.getByLabel("Password", { exact: true }).fill("a long enough password");
    await page.getByLabel(/again/i).fill("a long enough password");
    await page.locator("form button[type=submit]").click();
    await page.waitForURL(/\/welcome/);
    await page.goto(`${house.url}/admin`);
  });
  afterAll(async () => {
    await browser?.close();
    await house?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  test("a file of questions becomes a dataset", async () => {
    await press(link("Adapt"));
    await press(link("Choose the data"));
    await press(button("New dataset"));
    const file = join(folder, "gates.jsonl");
    writeFileSync(
      file,
      gateExamples(48)
        .map((each) => `${JSON.stringify(each)}\n`)
        .join(""),
    );
    await reach(button("Choose file"));
    await page.getByTestId("example-input").setInputFiles(file);
    await page.getByText("48 examples", { exact: true }).waitFor();
    await press(page.getByLabel("Look through them first"), "Space");
    await shot("new-dataset");
    await press(button("Create"));
    await page.waitForURL(/datasets\/dst?_?/);
    await page.getByTestId("example").first().waitFor();
    datasetPath = new URL(page.url()).pathname;
  });

  test("examples are rejected and approved with single keys, the rest with one", async () => {
    const first = page.getByTestId("example").first();
    await press(first, "r");
    await first.and(page.locator("[data-status=rejected]")).waitFor();
    const second = page.getByTestId("example").nth(1);
    await second.and(page.locator(":focus")).waitFor();
    await page.keyboard.press("p");
    await second.getByText(/Keep it|painted green/).waitFor();
    await page.keyboard.press("a");
    await second.and(page.locator("[data-status=approved]")).waitFor();
    await shot("examples");
    await page.reload();
    await press(button("Approve all without problems"));
    const counts = async () => (await house.client.datasets.list()).items[0]!.counts;
    await expect.poll(async () => (await counts()).approved).toBeGreaterThan(30);
    expect((await counts()).rejected).toBe(1);
  });

  test("a recipe is estimated and started, and its curve is watched", async () => {
    await press(link("Train on this"), "Enter", "Shift+Tab");
    await press(page.getByRole("radio", { name: "Quick" }), "ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("radio", { name: "Advanced" }).isChecked()).toBe(true);
    await type("Learning rate", "0.01");
    await type("Epochs", "3");
    await page.locator("[data-testid=estimate][data-fits=true][aria-busy=false]").waitFor();
    await shot("recipe");
    await press(button("Start training"));
    await page.waitForURL(/adapt\/runs\//);
    runPath = new URL(page.url()).pathname;
    await page.getByRole("img", { name: /^Loss from/ }).waitFor({ timeout: 60_000 });
    await shot("running");
  });

  test("the report comes, and an adapter that did not pass is switched on only by a word of its own", async () => {
    await page.getByTestId("gate").waitFor({ timeout: 120_000 });
    expect(await page.getByTestId("gate").getAttribute("data-passed")).toBe("false");
    await shot("report");
    await press(button("Switch on…"));
    const confirm = page.getByRole("dialog").getByRole("button", { name: "Switch on" });
    expect(await confirm.isDisabled()).toBe(true);
    await press(page.getByLabel("Switch it on although it did not pass its test"), "Space");
    await shot("switch-on");
    await press(confirm);
    await page.getByText("It is switched on.").waitFor();
  });

  test("the overview says what answers, and one key takes it back (K5)", async () => {
    await press(page.getByRole("link", { name: "Adapt" }).first());
    await everywhere().and(page.locator("[data-state=adapter]")).waitFor();
    await shot("answering");
    await press(button(/Go back to what answered before/));
    await everywhere().and(page.locator("[data-state=alone]")).waitFor();
    expect((await house.client.adapters.list()).items[0]!.activeIn).toEqual([]);
  });

  test("every page holds at 375 and 1280 px, and axe-core finds nothing serious", async () => {
    const places = ["", "/datasets", "/train", "/compare"].map((path) => `/admin/adapt${path}`);
    const names = ["overview", "datasets", "train", "compare", "dataset", "run"];
    const found: string[] = [];
    for (const width of [375, 1280]) {
      await page.setViewportSize({ width, height: 1400 });
      for (const [at, path] of [...places, datasetPath, runPath].entries()) {
        await page.goto(`${house.url}${path}`);
        await page.waitForLoadState("networkidle");
        await shot(`${names[at]}-${width}`);
        if ((await page.evaluate<number>("document.documentElement.scrollWidth")) > width)
          found.push(`${width} ${path} is wider`);
        found.push(...(await axeFindings(page)).map((finding) => `${width} ${path} ${finding}`));
      }
    }
    expect(found).toEqual([]);
  });

  test("nothing was asked of another origin and no policy was broken (S9)", () => {
    expect(watched.foreignRequests).toEqual([]);
    expect(watched.problems).toEqual([]);
  });
});
