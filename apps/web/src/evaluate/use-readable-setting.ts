/** Settings as people know them: the adapter by its name instead of its id, keys in words. */
import { useTranslation } from "react-i18next";
import { useAdapters } from "../adaptation-queries.ts";
import { adapterLabel } from "../adapt/answering-now.ts";

const KNOWN = [
  "adapter",
  "generator",
  "embedder",
  "reader",
  "prompt",
  "chunking",
  "retrieval",
  "answers",
  "limit",
] as const;
type Setting = Readonly<Record<string, unknown>>;

export function useReadableSetting() {
  const { t } = useTranslation();
  const adapters = useAdapters().data;
  return {
    /** One that we have no words for stays as the server wrote it. */
    nameOf: (key: string): string => {
      const known = KNOWN.find((name) => name === key);
      return known === undefined ? key : t(`evaluation.settings.${known}`);
    },
    read: (setting: Setting): Setting => {
      if (!("adapter" in setting)) return setting;
      const adapter = adapters?.find(({ id }) => id === setting["adapter"]);
      if (adapter !== undefined) return { ...setting, adapter: adapterLabel(adapter) };
      return setting["adapter"] === null ? { ...setting, adapter: t("adapt.answering.alone") } : setting;
    },
  };
}
