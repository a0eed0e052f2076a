import type { Example, PatchExampleRequest } from "@lorekeep/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useUpdateExample } from "../adaptation-queries.ts";
import { Button } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Checkbox, TextArea } from "../ui/field.tsx";

interface ExampleFormProps {
  datasetId: string;
  example: Example;
  onDone: () => void;
}

/** What is typed, and saving it. What was corrected counts as approved. */
function useCorrection({ datasetId, example, onDone }: ExampleFormProps) {
  const update = useUpdateExample(datasetId);
  const [question, setQuestion] = useState(example.question);
  const [answer, setAnswer] = useState(example.answer ?? "");
  const [answerable, setAnswerable] = useState(example.answerable);
  const complete = question.trim() !== "" && (!answerable || answer.trim() !== "");
  const save = () => {
    if (!complete) return;
    const changes: PatchExampleRequest = {
      question: question.trim(),
      answer: answerable ? answer.trim() : null,
      answerable,
      status: "approved",
    };
    update.mutate({ id: example.id, changes }, { onSuccess: onDone });
  };
  return { update, question, setQuestion, answer, setAnswer, answerable, setAnswerable, complete, save };
}

/** Question and answer in place; Esc leaves without a change, Ctrl or Cmd and Enter saves. */
export function ExampleForm(props: ExampleFormProps) {
  const { onDone } = props;
  const { t } = useTranslation();
  const { update, question, setQuestion, answer, setAnswer, answerable, setAnswerable, complete, save } =
    useCorrection(props);
  return (
    <form
      className="mt-3 flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
      }}
    >
      <TextArea
        label={t("adapt.examples.question")}
        autoFocus
        rows={2}
        maxLength={8000}
        value={question}
        onChange={(event) => setQuestion(event.target.value)}
      />
      {answerable && (
        <TextArea
          label={t("adapt.examples.answer")}
          rows={3}
          maxLength={20_000}
          value={answer}
          onChange={(event) => setAnswer(event.target.value)}
        />
      )}
      <Checkbox
        label={t("adapt.examples.shouldRefuse")}
        hint={t("adapt.examples.shouldRefuseHint")}
        checked={!answerable}
        onChange={(event) => setAnswerable(!event.target.checked)}
      />
      {update.error !== null && <ErrorNote error={update.error} />}
      <div className="flex justify-end gap-2">
        <Button size="sm" onClick={onDone}>
          {t("common.cancel")}
        </Button>
        <Button size="sm" type="submit" weight="primary" busy={update.isPending} disabled={!complete}>
          {t("adapt.examples.saveApprove")}
        </Button>
      </div>
    </form>
  );
}
