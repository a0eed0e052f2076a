import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "./button.tsx";
import { toast } from "./toast.tsx";

/** True when the text is on the clipboard. Pages served over plain HTTP have no clipboard API, hence the second way. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.style.position = "fixed";
    area.style.opacity = "0";
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    // Deprecated, and the only way without a secure context.
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

export function CopyButton({
  text,
  label,
  iconOnly = false,
}: {
  text: string | (() => string);
  label: string;
  iconOnly?: boolean;
}) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(typeof text === "string" ? text : text()))) {
      toast(t("common.copyFailed"));
      return;
    }
    setCopied(true);
    toast(t("common.copied"));
    setTimeout(() => setCopied(false), 2000);
  };
  const icon = copied ? Check : Copy;
  return iconOnly ? (
    <IconButton small icon={icon} label={label} onClick={() => void copy()} />
  ) : (
    <Button size="sm" icon={icon} onClick={() => void copy()}>
      {label}
    </Button>
  );
}
