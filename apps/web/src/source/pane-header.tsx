import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../ui/button.tsx";

interface PaneHeaderProps {
  title: ReactNode;
  before?: ReactNode;
  actions?: ReactNode;
  onClose: () => void;
}

export function PaneHeader({ title, before, actions, onClose }: PaneHeaderProps) {
  const { t } = useTranslation();
  return (
    <div className="flex min-h-14 items-center gap-1 border-b border-line px-3 py-2">
      {before}
      <h2 className="min-w-0 flex-1 truncate px-1.5 font-serif text-base font-semibold">{title}</h2>
      {actions}
      <IconButton small icon={X} label={t("source.close")} onClick={onClose} />
    </div>
  );
}
