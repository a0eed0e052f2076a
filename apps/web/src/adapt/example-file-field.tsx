/** Drop a JSONL file, or choose one: it is read here at once, and says what it holds and which lines are not understood. */
import clsx from "clsx";
import { FileJson2, FileUp } from "lucide-react";
import { useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import type { ChosenFile } from "./dataset-draft.ts";
import { MAX_EXAMPLES, readExampleFile } from "./read-example-file.ts";
import { useFigureText } from "./use-figure-text.ts";

const SHOWN_PROBLEMS = 5;

interface ExampleFileFieldProps {
  file: ChosenFile | null;
  onFile: (file: ChosenFile | null) => void;
}

export function ExampleFileField({ file, onFile }: ExampleFileFieldProps) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const take = async (chosen: File | undefined) => {
    if (chosen !== undefined) onFile({ ...readExampleFile(await chosen.text()), name: chosen.name });
  };
  return (
    <DropTarget onDropped={(dropped) => void take(dropped)}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
        <FileJson2 aria-hidden className="size-7 shrink-0 text-accent max-sm:hidden" strokeWidth={1.5} />
        <p className="min-w-40 flex-1 text-sm break-words">
          {file === null ? (
            <span className="text-muted">{t("adapt.create.drop")}</span>
          ) : (
            <span className="font-medium">{file.name}</span>
          )}
        </p>
        <Button size="sm" icon={FileUp} onClick={() => input.current?.click()}>
          {t("adapt.create.choose")}
        </Button>
      </div>
      <input
        ref={input}
        type="file"
        hidden
        data-testid="example-input"
        accept=".jsonl,.ndjson,.json"
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          event.target.value = "";
          void take(chosen);
        }}
      />
      <div role="status">{file !== null && <WhatItHolds file={file} />}</div>
      {file === null && <Sample />}
    </DropTarget>
  );
}

function DropTarget({ onDropped, children }: { onDropped: (file: File | undefined) => void; children: ReactNode }) {
  const [over, setOver] = useState(false);
  return (
    <div
      data-testid="example-drop"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onDropped(event.dataTransfer.files[0]);
      }}
      className={clsx(
        "rounded-xl border-2 border-dashed px-5 py-5 transition-colors",
        over ? "border-accent bg-accent-soft" : "border-line-strong/50",
      )}
    >
      {children}
    </div>
  );
}

function WhatItHolds({ file }: { file: ChosenFile }) {
  const { t } = useTranslation();
  const figure = useFigureText();
  const { examples, problems, tooMany } = file;
  return (
    <div className="mt-3 text-sm">
      <p className={examples.length === 0 ? "text-danger" : "text-good"}>
        {t("adapt.create.holds", { count: examples.length, shown: figure.count(examples.length) })}
      </p>
      {tooMany > 0 && (
        <p className="mt-1 text-warn">
          {t("adapt.create.tooMany", {
            count: tooMany,
            shown: figure.count(tooMany),
            most: figure.count(MAX_EXAMPLES),
          })}
        </p>
      )}
      {problems.length > 0 && (
        <>
          <p className="mt-1 text-warn">{t("adapt.create.badLines", { count: problems.length })}</p>
          <ul className="mt-1 text-[13px] text-muted">
            {problems.slice(0, SHOWN_PROBLEMS).map(({ line, problem }) => (
              <li key={line}>
                {t("adapt.create.line", { line })} {t(`adapt.create.lineProblems.${problem}`)}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** What the lines of a file look like. */
function Sample() {
  const { t } = useTranslation();
  const lines = [
    `{"question": "${t("adapt.create.sample.question")}", "answer": "${t("adapt.create.sample.answer")}"}`,
    `{"question": "${t("adapt.create.sample.unanswerable")}", "answer": null}`,
  ];
  return (
    <pre tabIndex={0} className="mt-4 overflow-x-auto rounded-lg bg-sunk p-3 font-mono text-xs leading-5 text-muted">
      {lines.join("\n")}
    </pre>
  );
}
