/** Settings as people know them: the adapter by its name instead of its id, keys in words. */
import { useTranslation } from "react-i18next";
import { useAdapters } from "../adaptation-queries.ts";
import { adapterLabel, baseLabel } from "../adapt/answering-now.ts";
import { numbersOf } from "./setting-line.ts";

const KNOWN = [
  "adapter",
  "adapterScale",
  "generator",
  "embedder",
  "reader",
  "writing",
  "prompt",
  "instructions",
  "examples",
  "chunking",
  "retrieval",
  "answers",
  "limit",
  "documents",
] as const;
/** Says when the index is another one; nobody reads it. */
const UNREAD = "indexChange";
const WRITING = ["auto", "quote", "generate"] as const;
const GROUPS = {
  chunking: ["maxTokens", "overlapTokens"],
  retrieval: ["passageCount", "denseWeight", "refusalThreshold"],
} as const;
type Setting = Readonly<Record<string, unknown>>;

export function useReadableSetting() {
  const { t } = useTranslation();
  const adapters = useAdapters().data;
  const adapterName = (id: unknown) => {
    if (id === null) return t("adapt.answering.alone");
    const adapter = adapters?.find((candidate) => candidate.id === id);
    return adapter === undefined ? id : adapterLabel(adapter);
  };
  const group = (name: keyof typeof GROUPS, value: unknown) => {
    const numbers = numbersOf<string>(value, GROUPS[name]);
    return numbers === null ? value : t(`evaluation.settingValues.${name}`, numbers);
  };
  const wordsFor = (key: string, value: unknown): unknown => {
    if (key === "adapter") return adapterName(value);
    if (key === "chunking" || key === "retrieval") return group(key, value);
    if (key === "generator" && typeof value === "string") return baseLabel(value);
    if (key === "writing") {
      const way = WRITING.find((name) => name === value);
      return way === undefined ? value : t(`evaluation.settingValues.writing.${way}`);
    }
    return typeof value === "boolean" ? t(`evaluation.settingValues.${value ? "yes" : "no"}`) : value;
  };
  return {
    /** One that we have no words for stays as the server wrote it. */
    nameOf: (key: string): string => {
      const known = KNOWN.find((name) => name === key);
      return known === undefined ? key : t(`evaluation.settings.${known}`);
    },
    read: (setting: Setting): Setting =>
      Object.fromEntries(
        Object.entries(setting)
          .filter(([key]) => key !== UNREAD)
          .map(([key, value]) => [key, wordsFor(key, value)]),
      ),
  };
}
