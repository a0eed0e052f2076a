import { expect, test } from "vitest";
import { en } from "./en.ts";
import { detectLanguage } from "./setup.ts";
import { zh } from "./zh.ts";

type Tree = { readonly [key: string]: string | Tree };

function leaves(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : leaves(value, `${path}${key}.`),
  );
}
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

test("both languages have the same keys, singular forms aside", () => {
  const keys = (tree: Tree) =>
    leaves(tree)
      .map(([key]) => key)
      .filter((key) => !key.endsWith("_one"))
      .sort();
  expect(keys(zh)).toEqual(keys(en));
});

test("both languages fill in the same values", () => {
  const english = new Map(leaves(en));
  for (const [key, text] of leaves(zh))
    expect([key, placeholders(text)]).toEqual([key, placeholders(english.get(key)!)]);
});

test("no Chinese text was left in English or empty", () => {
  const untranslated = leaves(zh).filter(
    ([key, text]) => text === "" || (text === new Map(leaves(en)).get(key) && /[a-z]{3}/.test(text)),
  );
  expect(untranslated.map(([key]) => key)).toEqual(["overview.version"]);
});

test("takes the stored language, then the browser's first that we speak, then English", () => {
  expect(detectLanguage("zh", ["en-US"])).toBe("zh");
  expect(detectLanguage(null, ["fr-FR", "zh-TW", "en"])).toBe("zh");
  expect(detectLanguage("klingon", ["en-GB"])).toBe("en");
  expect(detectLanguage(null, [])).toBe("en");
});
