import { Link } from "@tanstack/react-router";
import {
  Activity,
  Boxes,
  CalendarClock,
  Cpu,
  FileText,
  Gauge,
  GraduationCap,
  KeyRound,
  ListChecks,
  ScrollText,
} from "lucide-react";
import { useTranslation } from "react-i18next";

const SECTIONS = [
  { to: "/admin", name: "overview", icon: Activity },
  { to: "/admin/documents", name: "documents", icon: FileText },
  { to: "/admin/collections", name: "collections", icon: Boxes },
  { to: "/admin/adapt", name: "adapt", icon: GraduationCap },
  { to: "/admin/evaluation", name: "evaluation", icon: Gauge },
  { to: "/admin/jobs", name: "jobs", icon: ListChecks },
  { to: "/admin/nightly", name: "nightly", icon: CalendarClock },
  { to: "/admin/models", name: "models", icon: Cpu },
  { to: "/admin/keys", name: "keys", icon: KeyRound },
  { to: "/admin/audit", name: "audit", icon: ScrollText },
] as const;

export function AdminNav() {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("nav.adminSections")} className="flex flex-col gap-0.5">
      {SECTIONS.map(({ to, name, icon: Icon }) => (
        <Link
          key={name}
          to={to}
          activeOptions={{ exact: to === "/admin", includeSearch: false }}
          activeProps={{ className: "bg-ink/8 font-medium text-ink" }}
          inactiveProps={{ className: "text-muted hover:bg-ink/5 hover:text-ink" }}
          className="flex h-9 items-center gap-3 rounded-lg px-2.5 text-sm transition-colors"
        >
          <Icon aria-hidden className="size-4" />
          {t(`nav.sections.${name}`)}
        </Link>
      ))}
    </nav>
  );
}
