/** What the side pane shows lives in the address: the back button closes it, and a reload keeps it. */
import { useNavigate, useSearch } from "@tanstack/react-router";

export const PANES = ["source", "passages", "trace"] as const;
export type PaneKind = (typeof PANES)[number];

export interface PaneSearch {
  readonly pane?: PaneKind | undefined;
  /** Message whose passages or trace are shown, and to which “back” leads from a source. */
  readonly message?: string | undefined;
  readonly doc?: string | undefined;
  readonly page?: number | undefined;
  /** Span of the parsed text to highlight. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
const whole = (value: unknown) =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;

/** Anything that is not ours in the address is dropped. */
export function parsePane(search: Record<string, unknown>): PaneSearch {
  const pane = PANES.find((kind) => kind === search["pane"]);
  if (pane === undefined) return {};
  const parsed = {
    pane,
    message: text(search["message"]),
    doc: text(search["doc"]),
    page: whole(search["page"]),
    from: whole(search["from"]),
    to: whole(search["to"]),
  };
  return pane === "source" && parsed.doc === undefined ? {} : parsed;
}

/** A place in a document, as citations and passages name it. */
export interface SourcePlace {
  readonly documentId: string;
  readonly page: number | null;
  readonly span: readonly [number, number];
}

export function usePane() {
  const navigate = useNavigate();
  const search = parsePane(useSearch({ strict: false }));
  const show = (next: PaneSearch) => {
    // The pane is a part of whichever page shows it, so the path stays.
    void navigate({ to: ".", search: (old: Record<string, unknown>) => ({ ...withoutPane(old), ...next }) } as never);
  };
  return {
    ...search,
    show,
    close: () => show({}),
    openSource: (place: SourcePlace, message?: string | null) =>
      show({
        pane: "source",
        doc: place.documentId,
        page: place.page ?? undefined,
        from: place.span[0],
        to: place.span[1],
        message: message ?? undefined,
      }),
  };
}

function withoutPane(search: Record<string, unknown>): Record<string, unknown> {
  const { pane: _pane, message: _message, doc: _doc, page: _page, from: _from, to: _to, ...rest } = search;
  return rest;
}
