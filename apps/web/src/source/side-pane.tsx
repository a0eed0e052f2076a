/** Beside the page on wide screens, a full-screen sheet on narrow ones: a source, an answer's passages, or its trace. */
import { ArrowLeft } from "lucide-react";
import { lazy, Suspense, useEffect, useEffectEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { AnswerState } from "../chat/answer-state.ts";
import { PassageList } from "../chat/passage-list.tsx";
import { TraceView } from "../chat/trace-view.tsx";
import { IconButton } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Skeleton } from "../ui/page.tsx";
import { useMedia } from "../ui/use-media.ts";
import { PaneHeader } from "./pane-header.tsx";
import { usePane } from "./pane-state.ts";

const SourceViewer = lazy(async () => ({ default: (await import("./source-viewer.tsx")).SourceViewer }));

export function SidePane({ answers }: { answers: readonly AnswerState[] }) {
  const { t } = useTranslation();
  const pane = usePane();
  const wide = useMedia("(min-width: 64rem)");
  if (pane.pane === undefined) return null;
  const answer = answers.find((item) => item.messageId !== null && item.messageId === pane.message);
  if (pane.pane !== "source" && answer === undefined) return null;
  const title = t(`source.panes.${pane.pane}`);
  return (
    <PaneFrame wide={wide} title={title} onClose={pane.close}>
      <PaneBody title={title} answer={answer} />
    </PaneFrame>
  );
}

interface PaneFrameProps {
  wide: boolean;
  title: string;
  onClose: () => void;
  children: ReactNode;
}

function PaneFrame({ wide, title, onClose, children }: PaneFrameProps) {
  const close = useEffectEvent(onClose);
  useEffect(() => {
    if (!wide) return;
    const onKey = (event: KeyboardEvent) => {
      // A dialog or a menu above the page has the first right to Esc.
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (document.querySelector("dialog[open], [popover]:popover-open") === null) close();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [wide]);
  if (!wide)
    return (
      <Dialog title={title} shape="sheet" bare onClose={onClose}>
        {children}
      </Dialog>
    );
  return (
    <aside aria-label={title} className="w-[clamp(24rem,44%,52rem)] shrink-0 border-s border-line bg-surface">
      {children}
    </aside>
  );
}

function PaneBody({ title, answer }: { title: string; answer: AnswerState | undefined }) {
  const { t } = useTranslation();
  const pane = usePane();
  return (
    <div className="flex h-full min-h-0 flex-col" data-testid="side-pane" data-pane={pane.pane}>
      {pane.pane === "source" && pane.doc !== undefined ? (
        <Suspense fallback={<Skeleton label={t("common.loading")} rows={8} />}>
          <SourceViewer
            key={pane.doc}
            documentId={pane.doc}
            page={pane.page ?? null}
            span={pane.from !== undefined && pane.to !== undefined ? [pane.from, pane.to] : null}
            back={
              answer && answer.passages.length > 0 ? (
                <IconButton
                  small
                  icon={ArrowLeft}
                  label={t("source.backToPassages")}
                  onClick={() => pane.show({ pane: "passages", message: pane.message })}
                />
              ) : null
            }
            onClose={pane.close}
          />
        </Suspense>
      ) : (
        <>
          <PaneHeader title={title} onClose={pane.close} />
          <div className="min-h-0 flex-1 overflow-y-auto p-4 sm:p-5">
            {pane.pane === "passages" && answer && <PassageList answer={answer} />}
            {pane.pane === "trace" && answer && <TraceView answer={answer} />}
          </div>
        </>
      )}
    </div>
  );
}
