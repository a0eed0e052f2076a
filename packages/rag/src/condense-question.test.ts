import { describe, expect, test } from "vitest";
import { condenseQuestion } from "./condense-question.ts";
import type { Turn } from "./condense-question.ts";

const turns = (question: string, answer: string): Turn[] => [
  { role: "user", text: question },
  { role: "assistant", text: answer },
];
const pump = turns(
  "How often is the Kestrel pump serviced?",
  "The Kestrel pump is serviced every 400 operating hours. [1]",
);
const models = turns(
  "Which pumps do you sell?",
  "We sell three pumps:\n1. Kestrel 40, for ponds [1]\n2. Merlin 90, for wells [2]\n3. Osprey 200, for mines [1]",
);
const condensed = (question: string, history: readonly Turn[]) => condenseQuestion(question, history).question;

describe("G1: follow-ups in English", () => {
  test("G1: a pronoun takes the topic of the question before", () => {
    expect(condensed("What does it cost?", pump)).toBe("What does it cost? (Kestrel pump serviced)");
  });

  test("G1: another name takes the place of the one before, and stays when only the place is asked for", () => {
    const asked = turns("How often is the Kestrel pump serviced?", "Every 400 hours. [1]");
    const merlin = condensed("And the Merlin?", asked);
    expect(merlin).toBe("And the Merlin? (pump serviced)");
    const later = [...asked, { role: "user" as const, text: "And the Merlin?", condensedQuestion: merlin }];
    expect(condensed("Where?", later)).toBe("Where? (Merlin, pump serviced)");
    const chinese = turns("Kestrel 水泵多久保养一次？", "每 400 小时一次。[1]");
    for (const question of ["那 Merlin 呢？", "Merlin 呢？"]) {
      expect(condensed(question, chinese)).toContain("水泵");
      expect(condensed(question, chinese)).not.toContain("Kestrel");
    }
    for (const question of ["多少钱？", "需要多长时间？", "在哪里？"])
      expect(condensed(question, chinese)).toContain("Kestrel 水泵");
    expect(condensed("And when?", asked)).toContain("Kestrel");
    expect(condensed("What about its price? Is there a free one?", asked)).toContain("Kestrel");
  });

  test("G1: “What about the second one?” takes the second item of the last answer", () => {
    const resolved = condenseQuestion("What about the second one?", models);
    expect(resolved).toMatchObject({ changed: true, rule: "ordinal" });
    expect(resolved.question).toContain("Merlin 90");
    expect(resolved.question).not.toContain("Osprey");
  });

  test("G1: the last answer stands behind every follow-up, without its markers", () => {
    const { background } = condenseQuestion("Which oil does it take?", pump);
    expect(background).toBe("The Kestrel pump is serviced every 400 operating hours.");
    expect(condenseQuestion("Which oil does the Merlin take?", pump)).not.toHaveProperty("background");
    expect(condenseQuestion("Which oil does it take?", [])).not.toHaveProperty("background");
  });

  test("G1: the second of “A, B and C” counts as an item too", () => {
    const history = turns("What is in the kit?", "The kit contains a filter, a seal ring and a wrench. [1]");
    expect(condensed("How large is the second one?", history)).toContain("seal ring");
  });

  test("G1: “she” takes the name of the last answer", () => {
    const history = turns("Who designed the bridge?", "The bridge was designed by Anna Kowalczyk. [1]");
    expect(condensed("When was she born?", history)).toContain("Anna Kowalczyk");
  });

  test("G1: “show me more” and “why?” carry the topic on", () => {
    expect(condensed("Show me more", pump)).toContain("Kestrel pump");
    expect(condensed("Why?", pump)).toContain("Kestrel pump");
    expect(condensed("And in winter?", pump)).toContain("Kestrel pump");
  });

  test("G1: a follow-up of a follow-up builds on the resolved question", () => {
    const history: Turn[] = [
      ...pump,
      { role: "user", text: "What does it cost?", condensedQuestion: "What does it cost? (Kestrel pump)" },
      { role: "assistant", text: "300 euros. [1]" },
    ];
    expect(condensed("And what about its warranty?", history)).toContain("Kestrel pump");
  });
});

describe("G1: follow-ups in Chinese", () => {
  const history = turns("红隼水泵多久保养一次？", "红隼水泵每运行400小时保养一次。[1]");

  test("G1: 它 takes the topic of the question before", () => {
    expect(condensed("它多少钱？", history)).toContain("红隼水泵");
  });

  test("G1: …呢 and 第二个 are follow-ups", () => {
    expect(condensed("冬天呢？", history)).toContain("红隼水泵");
    const list = turns("有哪些型号？", "有以下型号：\n1、红隼40\n2、灰背隼90\n3、鱼鹰200");
    expect(condensed("第二个怎么样？", list)).toContain("灰背隼90");
  });
});

describe("G1: the same asked of another thing, in Chinese", () => {
  test.each([
    ["游隼吃什么？", "那灰背隼呢？", "灰背隼吃什么？"],
    ["公司2022年的收入是多少？", "2023年呢？", "公司2023年的收入是多少？"],
    ["公司第一季度的销量是多少？", "那么第二季度呢？", "公司第二季度的销量是多少？"],
    ["请问东京塔有多高？", "那埃菲尔铁塔呢？", "请问埃菲尔铁塔有多高？"],
    ["员工有几天年假？", "病假呢？", "员工有几天病假？"],
    ["图书馆周一几点开门？", "周日呢？", "图书馆周日几点开门？"],
    ["全職員工每年有幾天假？", "兼職員工呢？", "兼職員工每年有幾天假？"],
    ["上海的天气今天怎么样？", "明天呢？", "上海的天气明天怎么样？"],
  ])("G1: %s %s", (asked, question, whole) => {
    const resolved = condenseQuestion(question, turns(asked, "鸽子。[1]"));
    expect(resolved).toEqual({ question: whole, changed: true, rule: "ellipsis" });
  });

  test("G1: and of a third thing", () => {
    const asked = turns("游隼吃什么？", "鸽子。[1]");
    const second = { role: "user" as const, text: "那灰背隼呢？", condensedQuestion: "灰背隼吃什么？" };
    expect(condensed("矛隼呢？", [...asked, second])).toBe("矛隼吃什么？");
  });

  test.each([
    ["红隼水泵多久保养一次？", "冬天呢？", "红隼水泵"],
    ["这个表格有几页？", "那价格呢？", "表格"],
    ["游隼的速度有多快？", "高度呢？", "游隼"],
    ["红隼水泵多少钱？", "那怎么保养呢？", "红隼水泵"],
    ["员工几点上班？", "员工呢？", "上班"],
    ["周一和周二几点开门？", "周日呢？", "开门"],
    ["2022年和2023年的收入各是多少？", "2021年呢？", "收入"],
    ["从北京到上海要多久？", "到南京呢？", "北京"],
    ["游隼吃什么？（在城市里的鸟）", "那灰背隼呢？", "城市"],
  ])("G1: %s %s keeps its topic", (asked, question, kept) => {
    const resolved = condenseQuestion(question, turns(asked, "鸽子。[1]"));
    expect(resolved.question).toContain(question);
    expect(resolved.question).toContain(kept);
  });
});

describe("questions that stand alone", () => {
  test.each([
    "What colour is the Merlin intake filter in the new catalogue?",
    "Is there a warranty on the Merlin intake filter?",
    "How many litres does the Osprey 200 move this year?",
    "ERR-4711",
    "灰背隼滤网的清洗步骤是什么？",
  ])("stay as they are: %s", (question) => {
    expect(condenseQuestion(question, pump)).toMatchObject({ question, changed: false, rule: null });
  });

  test("a first question stays as it is, whatever it refers to", () => {
    expect(condenseQuestion("What about the second one?", [])).toEqual({
      question: "What about the second one?",
      changed: false,
      rule: null,
    });
  });
});
