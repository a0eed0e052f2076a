import { Monitor, Moon, Sun } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useStore } from "../external-store.ts";
import { setLanguage } from "../i18n/setup.ts";
import { setTheme, theme, THEMES } from "../theme.ts";
import { IconButton } from "../ui/button.tsx";

const ICONS = { system: Monitor, light: Sun, dark: Moon };

/** Steps through system, light and dark. */
export function ThemeButton() {
  const { t } = useTranslation();
  const current = useStore(theme);
  const next = THEMES[(THEMES.indexOf(current) + 1) % THEMES.length]!;
  return (
    <IconButton
      small
      icon={ICONS[current]}
      label={t("nav.theme", { current: t(`nav.themes.${current}`) })}
      onClick={() => setTheme(next)}
      data-testid="theme"
    />
  );
}

/** The other language, named in itself. */
export function LanguageButton() {
  const { i18n } = useTranslation();
  const other = i18n.language === "zh" ? "en" : "zh";
  const name = other === "zh" ? "中文" : "English";
  return (
    <button
      type="button"
      lang={other === "zh" ? "zh-CN" : "en"}
      data-testid="language"
      onClick={() => void setLanguage(other, true)}
      className="inline-flex h-8 items-center gap-1.5 rounded-lg px-2 text-[13px] text-muted hover:bg-ink/6 hover:text-ink"
    >
      {name}
    </button>
  );
}
