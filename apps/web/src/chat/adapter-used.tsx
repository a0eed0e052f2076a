import { Link } from "@tanstack/react-router";
import { GraduationCap } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAdapters } from "../adaptation-queries.ts";
import { adapterLabel } from "../adapt/answering-now.ts";
import { buttonClass } from "../ui/button.tsx";

/** Names what the answer was written with. One that is gone, or that the reader may not list, is an adapter all the same. */
export function AdapterUsed({ id }: { id: string }) {
  const { t } = useTranslation();
  const adapter = useAdapters().data?.find((candidate) => candidate.id === id);
  const name = adapter === undefined ? t("chat.someAdapter") : adapterLabel(adapter);
  return (
    <Link
      to="/admin/adapt"
      data-testid="adapter-used"
      aria-label={t("chat.answeredWith", { name })}
      title={t("chat.answeredWith", { name })}
      className={`${buttonClass("ghost", "sm")} max-w-64 shrink`}
    >
      <GraduationCap aria-hidden className="size-3.5 shrink-0" />
      <span className="truncate">{name}</span>
    </Link>
  );
}
