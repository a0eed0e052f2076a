import { expect, test } from "vitest";
import { blockTexts, expectWellFormed, fixture, textOf } from "../testing/parsed-invariants.ts";
import { parseDocument } from "./index.ts";

const parse = (text: string | Buffer) =>
  parseDocument(Buffer.from(text as string), { name: "a.html", mediaType: null });

test("keeps the main part and leaves out navigation, scripts, hidden text and footers", async () => {
  const parsed = await parse(fixture("bus.html"));
  expectWellFormed(parsed);
  expect(textOf(parsed)).not.toMatch(/Home|SCRIPT|HIDDEN|FOOTER|ADVERTISEMENT|color/);
  expect(textOf(parsed)).toContain(
    "A ride costs 1.80 marks; children ride free. The driver waits at most seven minutes",
  );
  expect(parsed.title).toBe("Island bus | Larkspur Ferry");
  expect(parsed.warnings).toEqual(["39 characters of hidden text were left out."]);
});

test("reads tables, ordered lists, listings and line breaks", async () => {
  const parsed = await parse(fixture("bus.html"));
  const texts = blockTexts(parsed);
  expect(texts).toContain("Stop | Minutes from pier\nSlate quarry | 6\nLighthouse | 14\nNorth beach | 23");
  expect(texts).toContain("2. Dogs sit on the floor.");
  expect(texts).toContain("bus --stop lighthouse\nnext: 14:05");
  expect(texts).toContain("Ask the driver for lost things.\nHe keeps them for a week.");
});

test("leaves out menus made of links, and keeps them when they are the page", async () => {
  const menu = `<ul>${["Home", "News", "Prices", "Contact", "Jobs", "About"].map((name) => `<li><a href="#">${name}</a></li>`).join("")}</ul>`;
  const body = `<p>${"The text of the page is what people came for. ".repeat(6)}</p>`;
  expect(textOf(await parse(`<html><body>${menu}${body}</body></html>`))).not.toContain("Prices");
  expect(textOf(await parse(`<html><body>${menu}</body></html>`))).toContain("Prices");
});

test("walks tables that only lay out the page", async () => {
  const parsed = await parse(
    "<html><table><tr><td><h1>Title</h1><p>One.</p></td><td><p>Two.</p></td></tr></table></html>",
  );
  expect(blockTexts(parsed)).toEqual(["Title", "One.", "Two."]);
});

test("flags white text", async () => {
  const parsed = await parse('<html><p>Seen.</p><p style="color: #fff">Perhaps not.</p></html>');
  expect(parsed.warnings).toEqual(["12 characters are set in white and may be invisible to readers."]);
});

test("S2 survives 50,000 nested elements", async () => {
  const parsed = await parse(`<html>${"<div>".repeat(50_000)}deep${"</div>".repeat(50_000)}</html>`);
  expect(textOf(parsed)).toBe("deep");
});

test("finds the charset that the page declares, far down too", async () => {
  const head = `<html><head>${"<!-- preamble -->".repeat(600)}<meta charset="windows-1251"></head><body>`;
  const bytes = Buffer.concat([
    Buffer.from(head),
    Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]),
    Buffer.from("</body></html>"),
  ]);
  expect(textOf(await parse(bytes))).toBe("Привет");
});
