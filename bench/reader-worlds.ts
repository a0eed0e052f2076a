/**
 * What the reader's say is calibrated on: articles that it was not trained on (scripts/train/reader-data.ts holds them out) and sets
 * that it never saw. Half of a set's documents answer, the other half's questions are the off-corpus ones, so both kinds ask alike.
 */
import { join } from "node:path";
import type { EvalDocument } from "@lorekeep/rag";
import { loadQuestionSet } from "../scripts/train/reader-data.ts";
import { jsonLines } from "./json-lines.ts";
import { isEven, sample } from "./refusal-samples.ts";
import type { World, WorldQuestion } from "./refusal-samples.ts";

/** As in scripts/train/train-reader.ts. */
const HELD_OUT_SHARE = 0.13;
const ON = 60;
const OFF = 40;
const ADVERSARIAL = 100;
const DISTRACTORS = 70;

interface Asked {
  readonly text: string;
  readonly answers?: readonly string[];
  readonly documentId: string;
  readonly group: string;
}

const rowsOf = (file: string) => jsonLines<Record<string, unknown>>(file);
const text = (value: unknown): string =>
  Array.isArray(value) ? value.join("\n\n") : typeof value === "string" ? value : "";
const draw = (asked: readonly Asked[], count: number, salt: string): Asked[] =>
  sample(asked, count, salt, (one) => one.text);
const asKind = (asked: readonly Asked[], kind: WorldQuestion["kind"]): WorldQuestion[] =>
  asked.map(({ text: question, answers, group }) => ({ text: question, kind, group, ...(answers && { answers }) }));

/** Documents of even groups answer; questions about the odd ones, whose documents are left out, are off-corpus. */
function halvedWorld(
  name: string,
  documents: readonly EvalDocument[],
  asked: readonly Asked[],
  more: readonly EvalDocument[] = [],
): World {
  const groupOf = new Map(asked.map(({ documentId, group }) => [documentId, group]));
  const isOn = (group: string): boolean => isEven(`${name} ${group}`);
  const kept = documents.filter(({ id }) => isOn(groupOf.get(id) ?? id));
  const on = draw(
    asked.filter(({ group }) => isOn(group)),
    ON,
    "on",
  );
  const off = draw(
    asked.filter(({ group }) => !isOn(group)),
    OFF,
    "off",
  );
  return { name, documents: [...kept, ...more], questions: [...asKind(on, "on"), ...asKind(off, "off")] };
}

async function setWorlds(folder: string, name: string): Promise<World[]> {
  const { documents, heldOut } = await loadQuestionSet(folder, name, HELD_OUT_SHARE);
  const toDocument = (id: string): EvalDocument => {
    const { title, text: body } = documents.get(id)!;
    return { id, title, text: body };
  };
  const apart = new Set(heldOut.map(({ doc_id }) => doc_id));
  const others = [...documents.keys()].filter((id) => !apart.has(id));
  const more = sample(others, DISTRACTORS, "distractors", (id) => id).map(toDocument);
  const asked = (isAnswerable: boolean): Asked[] =>
    heldOut
      .filter(({ answerable }) => answerable === isAnswerable)
      .map(({ question, answers, doc_id: documentId }) => ({ text: question, answers, documentId, group: documentId }));
  const world = halvedWorld(name, [...apart].map(toDocument), asked(true), more);
  const adversarial = asked(false);
  if (adversarial.length === 0) return [world];
  // One article: all of it answers, or none.
  const questions = [
    ...asKind(draw(asked(true), ADVERSARIAL, "on"), "on"),
    ...asKind(draw(adversarial, ADVERSARIAL, "adversarial"), "adversarial"),
  ];
  const off = asKind(draw(asked(true), OFF, "off"), "off");
  return [
    { name, documents: [...[...apart].map(toDocument), ...more], questions },
    { name: `${name}-without`, documents: more, questions: off },
  ];
}

function medquadWorld(folder: string): World {
  const rows = sample(rowsOf(join(folder, "medquad", "dev.public.jsonl")), 120, "medquad", ({ id }) => text(id));
  const documents = rows.map(({ id, focus, answer }) => ({
    id: text(id),
    title: text(focus),
    text: text(answer).slice(0, 2000),
  }));
  const asked = rows.map(({ id, question, focus }) => ({
    text: text(question),
    documentId: text(id),
    group: text(focus),
  }));
  return halvedWorld("medquad", documents, asked);
}

function pubmedWorld(folder: string): World {
  const rows = sample(rowsOf(join(folder, "pubmedqa", "train.public.jsonl")), 120, "pubmedqa", ({ id }) => text(id));
  const documents = rows.map(({ id, context }) => ({
    id: text(id),
    title: `Abstract ${text(id)}`,
    text: text(context),
  }));
  const asked = rows.map(({ id, question }) => ({ text: text(question), documentId: text(id), group: text(id) }));
  return halvedWorld("pubmedqa", documents, asked);
}

/** Product documentation in two languages, asked in both; strangers ask what no Debian page answers. */
function faqWorlds(
  folder: string,
  strangers: { readonly en: readonly Asked[]; readonly zh: readonly Asked[] },
): World[] {
  const rows = rowsOf(join(folder, "debian-docs", "faq.public.jsonl"));
  return (["en", "zh"] as const).flatMap((corpus) => {
    const documents = rows.map((row) => ({
      id: text(row.id),
      title: "Debian FAQ",
      text: text(row[`answer_${corpus}`]),
    }));
    return (["en", "zh"] as const).map((asking): World => {
      const on = rows.map((row) => ({
        text: text(row[`question_${asking}`]),
        kind: "on" as const,
        group: text(row.id),
      }));
      const off = asKind(draw(strangers[asking], 24, `${corpus} ${asking}`), "off");
      return { name: `faq-${asking}-in-${corpus}`, documents, questions: [...on, ...off] };
    });
  });
}

export async function readerWorlds(folder: string): Promise<World[]> {
  const worlds = await Promise.all(["squad2", "cmrc2018", "drcd"].map((name) => setWorlds(folder, name)));
  const strangers = async (name: string): Promise<Asked[]> => {
    const { heldOut } = await loadQuestionSet(folder, name, HELD_OUT_SHARE);
    const asked = heldOut.filter(({ answerable }) => answerable);
    return asked.map(({ question, doc_id: documentId }) => ({ text: question, documentId, group: documentId }));
  };
  const [en, zh] = await Promise.all([strangers("squad2"), strangers("cmrc2018")]);
  return [...worlds.flat(), ...faqWorlds(folder, { en, zh }), medquadWorld(folder), pubmedWorld(folder)];
}
