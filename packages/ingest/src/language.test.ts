import { expect, test } from "vitest";
import { detectLanguage } from "./language.ts";

test.each([
  ["What is the tide limit?", "en"],
  ["refund policy", "en"],
  ["ERR-4711", "en"],
  ["GitHub backup script", "en"],
  ["12345", "en"],
  ["闸机显示ERR-4711时怎么办？", "zh"],
  ["GitHub备份脚本", "zh"],
  ["潮汐", "zh"],
  ["Où est la gare la plus proche de la mairie ?", "other"],
  ["Wie hoch ist der Turm?", "other"],
  ["これは日本語の文章です。", "other"],
  ["서울은 어디에 있습니까", "other"],
  ["Привет, как дела?", "other"],
])("detects the language of %s as %s", (text, language) => {
  expect(detectLanguage(text)).toBe(language);
});

test("a foreign preface does not decide over a long text", () => {
  const preface = "Dies ist ein kurzes Vorwort und es ist nicht lang. ".repeat(3);
  const body = "The ferry leaves the quay at nine and it returns in the evening. ".repeat(400);
  expect(detectLanguage(preface + body)).toBe("en");
});
