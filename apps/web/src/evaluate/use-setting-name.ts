import { useTranslation } from "react-i18next";

const KNOWN = ["adapter", "generator", "embedder", "reader", "prompt", "chunking", "denseWeight"] as const;

/** A setting's key in words; one that we have no words for stays as the server wrote it. */
export function useSettingName() {
  const { t } = useTranslation();
  return (key: string) => {
    const known = KNOWN.find((name) => name === key);
    return known === undefined ? key : t(`evaluation.settings.${known}`);
  };
}
