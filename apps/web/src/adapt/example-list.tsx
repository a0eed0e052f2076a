/**
 * The examples of one page. One of them is in the tab order at a time; J and K (or the arrows) move between them and over
 * the ends of the page, A and R decide and go on to the next, and what happened is said to screen readers.
 */
import type { Example } from "@lorekeep/core";
import { SearchX } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { useUpdateExample } from "../adaptation-queries.ts";
import { errorText } from "../ui/error-text.ts";
import { Card, Empty } from "../ui/page.tsx";
import { toast } from "../ui/toast.tsx";
import { ExampleCard } from "./example-card.tsx";
import { reviewAction, stepTo, type Step } from "./review-keys.ts";

interface ExampleListProps {
  datasetId: string;
  examples: readonly Example[];
  /** The next or the previous page was asked for and is not here yet. */
  turning: boolean;
  /** Asks for it; false: there is none. */
  onTurn: (step: Step) => boolean;
}

function show(item: Element | undefined): void {
  if (!(item instanceof HTMLElement)) return;
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}

/** Where the reader stands, and what the keys and buttons do. */
function useReview({ datasetId, examples, turning, onTurn }: ExampleListProps) {
  const { t } = useTranslation();
  const update = useUpdateExample(datasetId);
  const list = useRef<HTMLOListElement>(null);
  const [current, setCurrent] = useState(0);
  const [editing, setEditing] = useState<string | null>(null);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const [said, setSaid] = useState("");
  const focus = (index: number) => {
    setCurrent(index);
    show(list.current?.children[index]);
  };
  const turned = useRef<Step | null>(null);
  const step = (from: number, direction: Step) => {
    const to = stepTo(from, direction, examples.length);
    if (to !== null) focus(to);
    else if (onTurn(direction)) turned.current = direction;
    else if (direction === "next") setSaid((before) => `${before} ${t("adapt.examples.last")}`.trim());
  };
  // The page that was turned to is here: on to its first example, or to its last on the way back. Focus sets the place.
  useEffect(() => {
    if (turning || turned.current === null) return;
    const children = list.current?.children;
    show(children?.[turned.current === "next" ? 0 : children.length - 1]);
    turned.current = null;
  }, [turning]);
  const decide = (example: Example, status: Example["status"], goOn: boolean) =>
    update.mutate(
      { id: example.id, changes: { status } },
      {
        onSuccess: () => {
          setSaid(t(`adapt.examples.said.${status}`, { question: example.question }));
          if (goOn) step(examples.indexOf(example), "next");
        },
        onError: (error) => toast(errorText(error, t).title),
      },
    );
  const toggle = (id: string) =>
    setUnfolded((set) => {
      const next = new Set(set);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const press = (event: KeyboardEvent, example: Example, index: number) => {
    const action = reviewAction(event, event.target === event.currentTarget);
    if (action === null) return;
    event.preventDefault();
    if (action === "next" || action === "previous") step(index, action);
    else if (action === "edit") setEditing(example.id);
    else if (action === "unfold") toggle(example.id);
    else decide(example, action === "approve" ? "approved" : "rejected", true);
  };
  const at = Math.min(current, Math.max(0, examples.length - 1));
  return { list, at, setCurrent, editing, setEditing, unfolded, said, focus, decide, toggle, press };
}

export function ExampleList(props: ExampleListProps) {
  const { datasetId, examples } = props;
  const { t } = useTranslation();
  const { list, at, setCurrent, editing, setEditing, unfolded, said, focus, decide, toggle, press } = useReview(props);
  if (examples.length === 0)
    return (
      <Card>
        <Empty icon={SearchX} title={t("adapt.examples.none")} body={t("adapt.examples.noneBody")} />
      </Card>
    );
  return (
    <>
      <ol ref={list} aria-label={t("adapt.examples.title")} className="flex flex-col gap-3">
        {examples.map((example, index) => (
          <li
            key={example.id}
            data-testid="example"
            data-status={example.status}
            tabIndex={index === at ? 0 : -1}
            aria-label={t("adapt.examples.label", {
              index: index + 1,
              count: examples.length,
              status: t(`adapt.examples.status.${example.status}`),
              question: example.question,
            })}
            onFocus={() => setCurrent(index)}
            onKeyDown={(event) => press(event, example, index)}
            className="scroll-my-6 rounded-2xl border border-line bg-surface p-5 shadow-card"
          >
            <ExampleCard
              datasetId={datasetId}
              example={example}
              editing={editing === example.id}
              unfolded={unfolded.has(example.id)}
              onEdit={() => setEditing(example.id)}
              onEdited={() => {
                setEditing(null);
                focus(index);
              }}
              onUnfold={() => toggle(example.id)}
              onDecide={(status) => decide(example, status, false)}
            />
          </li>
        ))}
      </ol>
      <p role="status" aria-live="polite" className="sr-only">
        {said}
      </p>
    </>
  );
}
