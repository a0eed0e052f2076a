/** A table that becomes a list of cards below 40 rem: each cell then carries its column's name. */
import clsx from "clsx";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";

export function Table({ label, head, children }: { label: string; head: readonly ReactNode[]; children: ReactNode }) {
  return (
    <table aria-label={label} className="w-full text-sm max-sm:block">
      <thead className="max-sm:sr-only">
        <tr className="border-b border-line text-start text-[13px] text-muted">
          {head.map((cell, index) => (
            <th key={index} scope="col" className="px-3 py-2.5 text-start font-medium first:ps-5 last:pe-5">
              {cell}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="max-sm:block">{children}</tbody>
    </table>
  );
}

export function Row({ children, ...rest }: { children: ReactNode; "data-testid"?: string; "data-status"?: string }) {
  return (
    <tr
      {...rest}
      className="border-b border-line transition-colors last:border-0 hover:bg-ink/[0.025] max-sm:relative max-sm:grid max-sm:grid-cols-2 max-sm:gap-x-4 max-sm:gap-y-1 max-sm:px-5 max-sm:py-3.5"
    >
      {children}
    </tr>
  );
}

interface CellProps {
  /** The column's name, shown above the value on narrow screens. */
  name?: string;
  wide?: boolean;
  end?: boolean;
  /** With `end`: an icon that stands in the card's corner on narrow screens. */
  corner?: boolean;
  children: ReactNode;
}

export function Cell({ name, wide = false, end = false, corner = false, children }: CellProps) {
  return (
    <td
      className={clsx(
        "px-3 py-3 align-middle first:ps-5 last:pe-5 max-sm:min-w-0 max-sm:p-0 max-sm:first:ps-0 max-sm:last:pe-0",
        wide && "max-sm:col-span-2 max-sm:pe-10",
        end && "text-end max-sm:self-end max-sm:text-start",
        corner && "max-sm:absolute max-sm:end-3 max-sm:top-2.5",
      )}
    >
      {name !== undefined && (
        <span aria-hidden className="block text-xs text-faint sm:hidden">
          {name}
        </span>
      )}
      {children}
    </td>
  );
}

interface PagerProps {
  /** Cursors of the pages turned so far; the last one is this page's, none on the first page. */
  cursors: readonly string[];
  nextCursor: string | null;
  onTurn: (cursors: readonly string[]) => void;
}

/** Previous and next over cursors; says nothing when everything fits on one page. */
export function Pager({ cursors, nextCursor, onTurn }: PagerProps) {
  const { t } = useTranslation();
  if (cursors.length === 0 && nextCursor === null) return null;
  return (
    <nav aria-label={t("common.pages")} className="mt-4 flex items-center justify-end gap-3 text-sm text-muted">
      <span>{t("common.pageNumber", { page: cursors.length + 1 })}</span>
      <Button size="sm" icon={ChevronLeft} disabled={cursors.length === 0} onClick={() => onTurn(cursors.slice(0, -1))}>
        {t("common.previous")}
      </Button>
      <Button
        size="sm"
        disabled={nextCursor === null}
        onClick={() => nextCursor !== null && onTurn([...cursors, nextCursor])}
      >
        {t("common.next")}
        <ChevronRight aria-hidden className="size-3.5" />
      </Button>
    </nav>
  );
}
