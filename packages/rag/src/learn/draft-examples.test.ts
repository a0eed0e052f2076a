import { exampleSchema } from "@lorekeep/core";
import { expect, test } from "vitest";
import { draftExamples } from "./draft-examples.ts";
import type { DraftDocument } from "./read-sections.ts";

const document = (texts: readonly string[], more: Partial<DraftDocument> = {}): DraftDocument => ({
  documentId: "doc_1",
  name: "handbook.md",
  title: "Ferry Handbook",
  passages: texts.map((text, at) => ({ chunkId: `chk_${at}`, text, headings: [], header: null })),
  ...more,
});
const asked = (text: string, more: Partial<DraftDocument> = {}): Record<string, string | null> =>
  Object.fromEntries(draftExamples([document([text], more)]).map(({ question, answer }) => [question, answer]));

test("rows of tables are asked about as their columns' names suggest", () => {
  const codes = "Code | Meaning | What to do\nERR-4711 | The paper roll is empty | Put in a new roll";
  expect(asked(codes)).toEqual({
    "What does ERR-4711 mean?": "The paper roll is empty",
    "What should I do about ERR-4711?": "Put in a new roll",
  });
  const ships = "Ship | Built | Passengers | Remark\nGrey Wagtail | 2019 | 310 | new";
  expect(asked(ships)).toEqual({
    "When was Grey Wagtail built?": "2019",
    "How many passengers does Grey Wagtail have?": "310",
  });
  const chinese = "代码 | 含义 | 处理办法\nERR-4720 | 读卡器失去连接 | 断电90秒";
  expect(asked(chinese)).toEqual({ "ERR-4720是什么意思？": "读卡器失去连接", "遇到ERR-4720应该怎么办？": "断电90秒" });
  expect(asked("票种 | 单程\n成人 | 6.80")).toEqual({ "成人单程要多少钱？": "6.80" });
});

test("lines of keys and values belong to their heading", () => {
  const text = "Harbour office\n\nTelephone: 0550 7216\nOpening hours: 07:00 to 17:30";
  expect(asked(text)).toMatchObject({
    "What is the telephone of Harbour office?": "0550 7216",
    "What are the opening hours of Harbour office?": "07:00 to 17:30",
  });
  expect(asked("港务处\n\n电话：0550 7216\n地点：云雀码头二楼")).toMatchObject({
    "港务处的电话是多少？": "0550 7216",
    "港务处的地点是什么？": "云雀码头二楼",
  });
});

test("definitions and plain facts become the question that they answer", () => {
  const drafts = asked(
    "A sluice is a gate that holds back water in a canal. The harbour master is Tobias Renn; he lives on Tessel. " +
      "The line was founded by two sisters in 1932 and grew until 2011. The crossing takes 25 minutes. " +
      "The warranty ends on 30 June 2029. A ride costs 1.80 marks; children ride free.",
  );
  expect(drafts).toMatchObject({
    "What is a sluice?": "A sluice is a gate that holds back water in a canal.",
    "Who is the harbour master?": "Tobias Renn",
    "When was the line founded?": "1932",
    "How long does the crossing take?": "25 minutes",
    "When does the warranty end?": "on 30 June 2029",
    "How much does a ride cost?": "1.80 marks",
  });
  const chinese = asked(
    "船闸是指用来拦住运河水流的闸门。港务长是托比亚斯·雷恩，副港务长是别人。公司于1932年创办，当时只有一条船。单程航行25分钟。",
  );
  expect(chinese).toMatchObject({
    "船闸是什么？": "船闸是指用来拦住运河水流的闸门。",
    "港务长是谁？": "托比亚斯·雷恩",
    "公司是哪一年创办的？": "1932年",
  });
});

test("headings that ask become questions, plain topics are asked of the document by name", () => {
  const english = asked(
    "Who may be on the bridge\n\nOnly the captain and the mate may be on the bridge while the ship moves.\n\n" +
      "Lost property\n\nThings left on board are brought to the harbour office and kept for 90 days.\n\n" +
      "How to charge the battery\n\nThe battery is charged at the quay for 22 minutes between two trips.",
  );
  expect(Object.keys(english)).toEqual([
    "Who may be on the bridge?",
    "What does the Ferry Handbook say about lost property?",
    "How do I charge the battery?",
  ]);
  const chinese = asked(
    "谁可以进入驾驶台\n\n船舶航行时，只有船长和大副可以留在驾驶台。\n\n退票\n\n未使用的船票在开船一小时之前可以全额退款。",
    {
      title: "渡轮手册",
    },
  );
  expect(Object.keys(chinese)).toEqual(["谁可以进入驾驶台？", "关于退票，《渡轮手册》里是怎么说的？"]);
});

test("questions and answers that a document brings are taken as they are", () => {
  expect(asked("Q: Are dogs allowed on the ferry?\nA: Dogs need a child's ticket and stay on the lower deck.")).toEqual(
    {
      "Are dogs allowed on the ferry?": "Dogs need a child's ticket and stay on the lower deck.",
    },
  );
  expect(asked("问：狗可以上船吗？\n答：狗须购买儿童票，并且只能留在下层甲板。")).toEqual({
    "狗可以上船吗？": "狗须购买儿童票，并且只能留在下层甲板。",
  });
  expect(asked("Are dogs allowed on the ferry?\n\nDogs need a ticket and must stay on the lower deck.")).toEqual({
    "Are dogs allowed on the ferry?": "Dogs need a ticket and must stay on the lower deck.",
  });
});

test("what needs the text around it, or names nothing, gives no question", () => {
  for (const text of [
    "It is a gate that holds back the water of the canal. This was built in 1932. They are a nuisance to us all.",
    "Introduction\n\nThis handbook is for the people who run the ferry.",
    "Remark | Note\nsee above | see below",
    "它是一种用来拦水的闸门。其中最大的是哪一个，并不清楚。",
    "1.1. What is Debian?\n\n1.2. What is Linux? And who made it in the end?",
  ])
    expect(asked(text)).toEqual({});
});

test("every draft is a whole example whose answer stands in its passage word for word", () => {
  const drafts = draftExamples([document(["A sluice is a gate that holds back water in a canal."])]);
  expect(drafts).toHaveLength(1);
  const [draft] = drafts;
  exampleSchema.omit({ id: true, datasetId: true, createdAt: true }).parse(draft);
  expect(draft).toMatchObject({ group: "doc_1", source: "document", status: "pending", language: "en" });
  expect(draft!.passages).toMatchObject([{ gold: true, documentId: "doc_1", chunkId: "chk_0", title: "handbook.md" }]);
  expect(draft!.passages[0]!.text).toContain(draft!.answer);
});

test("one document or one rule never fills the limit alone, and one seed drafts the same", () => {
  const rows = Array.from({ length: 40 }, (_, at) => `Code | Meaning\nERR-${at} | Fault number ${at}x`);
  const facts = "The harbour master is Tobias Renn. The crossing takes 25 minutes. The warranty ends on 30 June 2029.";
  const long = document([...rows, facts]);
  const short = document(["A sluice is a gate that holds back water in a canal."], { documentId: "doc_2" });
  const drafts = draftExamples([long, short], { limit: 6, seed: 3 });
  expect(drafts).toHaveLength(6);
  const many = draftExamples([long], { limit: 6 });
  expect(many.filter(({ question }) => !question.includes("ERR-"))).not.toHaveLength(0);
  expect(draftExamples([long, short], { limit: 6, seed: 3 })).toEqual(drafts);
});
