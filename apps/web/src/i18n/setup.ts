/** Language: the stored choice, else the browser's, else English. Chinese texts load only when wanted. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en.ts";
import { recall, remember } from "../remember.ts";

export const LANGUAGES = ["en", "zh"] as const;
export type UiLanguage = (typeof LANGUAGES)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

/** The first of the browser's languages that we speak. */
export function detectLanguage(stored: string | null, preferred: readonly string[]): UiLanguage {
  if (stored === "en" || stored === "zh") return stored;
  for (const tag of preferred) {
    const language = tag.toLowerCase().split("-")[0];
    if (language === "zh" || language === "en") return language;
  }
  return "en";
}

export async function startI18n(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    // React escapes by itself.
    interpolation: { escapeValue: false },
  });
  await setLanguage(detectLanguage(recall("language"), navigator.languages));
}

export async function setLanguage(language: UiLanguage, keep = false): Promise<void> {
  if (language === "zh" && !i18next.hasResourceBundle("zh", "translation"))
    i18next.addResourceBundle("zh", "translation", (await import("./zh.ts")).zh);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  if (keep) remember("language", language);
}
