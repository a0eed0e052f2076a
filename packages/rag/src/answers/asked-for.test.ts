import { describe, expect, test } from "vitest";
import { readAskedFor } from "./asked-for.ts";

describe("what kind of answer is asked for", () => {
  test.each([
    ["Summarise this document", ""],
    ["Could you please summarize the file “Winch manual.pdf” for me?", "Winch manual.pdf"],
    ["Give me a brief overview of the crew handbook.", "the crew handbook"],
    ["What is this document about?", ""],
    ["TL;DR", ""],
    ["总结这份文档", ""],
    ["请帮我总结一下《值班手册》", "值班手册"],
    ["请概括文件 maintenance.docx 的主要内容", "maintenance.docx"],
    ["这份文档讲了什么？", ""],
  ])("“%s” is a summary of “%s”", (question, name) => {
    expect(readAskedFor(question, [])).toEqual({ kind: "summary", name });
  });

  test.each([
    ["Compare the price of apples and pears", ["apples", "pears"], ["the price of apples", "the price of pears"]],
    ["What is the difference between Kestrel and Merlin?", ["Kestrel", "Merlin"], ["Kestrel", "Merlin"]],
    ["How does the Pipit differ from the Wagtail", ["Pipit", "Wagtail"], ["the Pipit", "the Wagtail"]],
    [
      "compare A-12 with B-7 in terms of weight",
      ["A-12", "B-7"],
      ["A-12 in terms of weight", "B-7 in terms of weight"],
    ],
    ["Pipit vs Wagtail", ["Pipit", "Wagtail"], ["Pipit", "Wagtail"]],
    ["比较红隼水泵和灰背隼水泵的价格", ["红隼水泵", "灰背隼水泵"], ["红隼水泵的价格", "灰背隼水泵的价格"]],
    ["红隼与灰背隼有什么区别？", ["红隼", "灰背隼"], ["红隼", "灰背隼"]],
  ])("“%s” compares two things, and what both are asked about goes to both", (question, names, queries) => {
    const asked = readAskedFor(question, []);
    expect(asked.kind === "comparison" && asked.sides.map(({ name }) => name)).toEqual(names);
    expect(asked.kind === "comparison" && asked.sides.map(({ query }) => query)).toEqual(queries);
  });

  test.each([
    "Who won Brown vs. Board of Education?",
    "How many pumps are there?",
    "What more can you tell me about the pump's filter?",
    "公司和去年相比收入增长了多少？",
    "Which pump moves more water?",
    "Compare notes",
    "What is the capital of Norway?",
  ])("“%s” is a question", (question) => {
    expect(readAskedFor(question, [{ role: "user", text: "Before?" }])).toEqual({ kind: "answer" });
  });

  test.each(["和".repeat(8000), "看".repeat(60), "a和b的不同".repeat(1300), `${". ".repeat(3900)}x`])(
    "a long or odd text is a question at once",
    (text) => {
      const startedAt = performance.now();
      expect(readAskedFor(text, [{ role: "user", text }])).toEqual({ kind: "answer" });
      expect(performance.now() - startedAt).toBeLessThan(400);
    },
  );

  test("“more” goes on with the last real question, as it was resolved", () => {
    const history = [
      { role: "user", text: "And in winter?", condensedQuestion: "And in winter? (Kestrel pump)" },
      { role: "assistant", text: "Drain it." },
      { role: "user", text: "更多" },
      { role: "assistant", text: "It cracks." },
    ] as const;
    expect(readAskedFor("Show me more!", history)).toEqual({ kind: "more", question: "And in winter? (Kestrel pump)" });
    expect(readAskedFor("Show me more!", [])).toEqual({ kind: "answer" });
  });
});
