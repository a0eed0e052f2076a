/** The frame of the Adapt pages: their own small navigation above the title. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../ui/page.tsx";

const PLACES = [
  { to: "/admin/adapt", name: "overview" },
  { to: "/admin/adapt/datasets", name: "datasets" },
  { to: "/admin/adapt/train", name: "train" },
  { to: "/admin/adapt/compare", name: "compare" },
] as const;

interface AdaptPageProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function AdaptPage(props: AdaptPageProps) {
  return <Page {...props} above={<AdaptNav />} />;
}

function AdaptNav() {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("adapt.sections")} className="-mx-1 mb-7 flex gap-1 overflow-x-auto border-b border-line px-1">
      {PLACES.map(({ to, name }) => (
        <Link
          key={name}
          to={to}
          activeOptions={{ exact: to === "/admin/adapt", includeSearch: false }}
          activeProps={{ className: "border-accent text-ink" }}
          inactiveProps={{ className: "border-transparent text-muted hover:text-ink" }}
          className="-mb-px border-b-2 px-3 py-2 text-sm font-medium whitespace-nowrap outline-offset-[-3px] transition-colors"
        >
          {t(`adapt.places.${name}`)}
        </Link>
      ))}
    </nav>
  );
}
