/**
 * The gate's verdicts in the reader's language. The server says each in an English sentence; for readers of another language
 * the rules that we know are said from the figures, and one that we do not know keeps the server's words.
 */
import type { Gate } from "@lorekeep/core";
import { useTranslation } from "react-i18next";
import { useFigureText } from "./use-figure-text.ts";

const RULES = ["enough examples", "wins on the data set", "refusal", "citation support", "general knowledge"] as const;
type Verdict = Gate["verdicts"][number];

export function useVerdictWords(gate: Gate) {
  const { t, i18n } = useTranslation();
  const figure = useFigureText();
  const ruleOf = (verdict: Verdict) => RULES.find((rule) => rule === verdict.rule);
  const share = (value: number | null) => (value === null ? "–" : figure.percent(value));
  const { base, adapter } = gate;
  const values = {
    count: gate.exampleCount,
    f1Base: figure.value(base.f1, "share"),
    f1Adapter: figure.value(adapter.f1, "share"),
    lossBase: figure.value(base.loss, "share"),
    lossAdapter: figure.value(adapter.loss, "share"),
    rightBase: share(base.refusedRight),
    rightAdapter: share(adapter.refusedRight),
    wrongBase: share(base.refusedWrong),
    wrongAdapter: share(adapter.refusedWrong),
    supportBase: share(base.citationSupport),
    supportAdapter: share(adapter.citationSupport),
    generalBase: share(base.generalScore),
    generalAdapter: share(adapter.generalScore),
  };
  return {
    name: (verdict: Verdict) => {
      const rule = ruleOf(verdict);
      return rule === undefined ? verdict.rule : t(`adapt.gate.ruleNames.${rule}`);
    },
    sentence: (verdict: Verdict) => {
      const rule = ruleOf(verdict);
      return rule === undefined || i18n.language === "en"
        ? verdict.detail
        : t(`adapt.gate.ruleSentences.${rule}`, values);
    },
  };
}
