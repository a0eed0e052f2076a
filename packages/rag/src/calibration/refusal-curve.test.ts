import { describe, expect, test } from "vitest";
import { curveQuestions, judgeCurveQuestion } from "./curve-questions.ts";
import type { CurveMaterial } from "./curve-questions.ts";
import { OFF_CORPUS_QUESTIONS } from "./off-corpus-questions.ts";
import { refusalCurve } from "./refusal-curve.ts";
import type { JudgedQuestion } from "./refusal-curve.ts";

const judged = (answerable: boolean, probabilities: readonly number[], more: Partial<JudgedQuestion> = {}) =>
  probabilities.map((probability): JudgedQuestion => ({
    ...{ source: answerable ? ("documents" as const) : ("general" as const), answerable, probability },
    refusedAnyway: false,
    ...more,
  }));
const spread = (count: number, from: number, to: number): number[] =>
  Array.from({ length: count }, (_, at) => from + ((to - from) * at) / (count - 1));

describe("G3 a refusal curve", () => {
  test("counts those below each threshold, by hand", () => {
    const curve = refusalCurve(
      [...judged(true, [0.2, ...spread(9, 0.9, 0.98)]), ...judged(false, spread(10, 0.05, 0.5))],
      0.5,
    )!;
    const at = (threshold: number) => curve.points[Math.round(threshold * 100)];
    expect(at(0)).toEqual({ threshold: 0, right: 0, wrong: 0 });
    expect(at(0.2)).toEqual({ threshold: 0.2, right: 0.3, wrong: 0 });
    expect(at(0.21)).toMatchObject({ right: 0.4, wrong: 0.1 });
    expect(at(1)).toEqual({ threshold: 1, right: 1, wrong: 1 });
    expect(curve.sources).toMatchObject([
      { source: "documents", answerable: true, questions: 10 },
      { source: "general", answerable: false, questions: 10 },
    ]);
  });

  test("recommends what refuses most while at most 5 % of the answerable are refused", () => {
    const answerable = judged(true, [0.1, ...spread(39, 0.7, 0.99)]);
    const overlapping = judged(false, [...spread(30, 0.05, 0.3), ...spread(10, 0.6, 0.75)]);
    const { recommended, points } = refusalCurve([...answerable, ...overlapping], 0.5)!;
    expect(points[Math.round(recommended * 100)]!.wrong).toBeLessThanOrEqual(0.05);
    expect(recommended).toBeGreaterThan(0.6);
    expect(recommended).toBeLessThan(0.75);
  });

  test("keeps to the default where these questions cannot tell thresholds apart", () => {
    const clear = [...judged(true, spread(20, 0.8, 0.9)), ...judged(false, spread(20, 0.1, 0.2))];
    expect(refusalCurve(clear, 0.5)!.recommended).toBe(0.5);
    expect(refusalCurve(clear, 0.05)!.recommended).toBeGreaterThan(0.15);
  });

  test("counts as refused what the check after the verdict refuses anyway", () => {
    const answerable = [...judged(true, spread(18, 0.8, 0.9)), ...judged(true, [0.9, 0.9], { refusedAnyway: true })];
    const curve = refusalCurve([...answerable, ...judged(false, spread(20, 0.1, 0.2))], 0.5)!;
    expect(curve.points[0]).toMatchObject({ right: 0, wrong: 0.1 });
    expect(curve.points[50]).toMatchObject({ right: 1, wrong: 0.1 });
    expect(curve.recommended).toBe(0.5);
  });

  test("is not drawn from too few questions", () => {
    expect(
      refusalCurve([...judged(true, spread(9, 0.8, 0.9)), ...judged(false, spread(20, 0.1, 0.2))], 0.5),
    ).toBeNull();
  });
});

type Asked = CurveMaterial["documents"][number];
const asked = (question: string, more: Partial<Asked> = {}): Asked => ({
  ...{ question, answer: "every nine weeks", answerable: true, language: "en", source: "document", group: "doc_1" },
  passages: [{ title: "t", text: "It is oiled every nine weeks.", gold: true, documentId: "doc_1", chunkId: "chk_1" }],
  ...more,
});
const material = (more: Partial<CurveMaterial>): CurveMaterial => ({
  documents: [],
  saved: [],
  feedback: [],
  others: [],
  ...more,
});
const ofSource = (questions: ReturnType<typeof curveQuestions>, source: string) =>
  questions.filter((each) => each.source === source);

describe("the questions of a curve", () => {
  test("are asked once as they are and once with their document withheld", () => {
    const questions = curveQuestions(material({ documents: [asked("How often is it oiled?")] }), { documentCount: 5 });
    expect(ofSource(questions, "documents")).toMatchObject([{ answerable: true, withheld: [] }]);
    expect(ofSource(questions, "withheld")).toMatchObject([
      { answerable: false, answer: "every nine weeks", withheld: ["doc_1"] },
    ]);
  });

  test("withhold nothing where only one document is", () => {
    const questions = curveQuestions(material({ documents: [asked("How often is it oiled?")] }), { documentCount: 1 });
    expect(ofSource(questions, "withheld")).toEqual([]);
  });

  test("are what people asked before what a rule drafted, each once", () => {
    const questions = curveQuestions(material({ documents: [asked("Same?")], saved: [asked("Same?")] }), {
      documentCount: 5,
    });
    expect(questions.filter(({ question, answerable }) => question === "Same?" && answerable)).toMatchObject([
      { source: "saved" },
    ]);
  });

  test("leave out examples made of wrong passages, which the collection may well answer", () => {
    const made = asked("How often is it oiled?", { answerable: false, answer: null, source: "unanswerable" });
    expect(ofSource(curveQuestions(material({ saved: [made] }), { documentCount: 5 }), "saved")).toEqual([]);
  });

  test("are of general knowledge in the languages that the collection is asked in, English and Chinese", () => {
    const language = (text: string) => (/\p{Script=Han}/u.test(text) ? "zh" : "en");
    const general = (languages: readonly ("en" | "zh")[]) =>
      new Set(
        ofSource(
          curveQuestions(material({ documents: languages.map((each) => asked(`q ${each}`, { language: each })) }), {
            documentCount: 5,
          }),
          "general",
        ).map(({ question }) => language(question)),
      );
    expect([...general(["zh"])]).toEqual(["zh"]);
    expect([...general(["en"])]).toEqual(["en"]);
    expect(general(["en", "zh"]).size).toBe(2);
    for (const { question, answer, language: said } of OFF_CORPUS_QUESTIONS) {
      expect(answer, question).toBeTruthy();
      expect(language(question)).toBe(said);
    }
    expect(new Set(OFF_CORPUS_QUESTIONS.map(({ question }) => question)).size).toBe(80);
  });

  test("are dropped when a passage answers them although none should", async () => {
    const [question] = ofSource(
      curveQuestions(material({ documents: [asked("How often?")] }), { documentCount: 5 }),
      "withheld",
    );
    const seen: unknown[] = [];
    const judge = (text: string) =>
      judgeCurveQuestion(question!, async (_question, filter) => {
        seen.push(filter);
        return { probability: 0.3, refusedAnyway: false, passages: [{ text } as never] };
      });
    expect(await judge("The other one, too, runs every nine weeks.")).toBeNull();
    expect(await judge("The paint is blue.")).toEqual({
      source: "withheld",
      answerable: false,
      probability: 0.3,
      refusedAnyway: false,
    });
    expect(seen[0]).toEqual({ notDocumentIds: ["doc_1"] });
  });
});
