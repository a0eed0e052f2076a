/** The sets of questions that runs ask, by collection; and one more. */
import type { QuestionSet } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { ListChecks, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { BackLink } from "../adapt/back-link.tsx";
import { useCollections } from "../queries.ts";
import { Button } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Count, When } from "../ui/formatted.tsx";
import { Card, Empty, Page, Skeleton } from "../ui/page.tsx";
import { Cell, Row, Table } from "../ui/table.tsx";
import { CreateSetDialog } from "./create-set-dialog.tsx";
import { useQuestionSets } from "./question-set-queries.ts";

const COLUMNS = ["set", "questions", "unanswerable", "changed"] as const;

export function QuestionSetsPage() {
  const { t } = useTranslation();
  const sets = useQuestionSets();
  const [creating, setCreating] = useState(false);
  return (
    <Page
      title={t("evaluation.sets.title")}
      lead={t("evaluation.sets.lead")}
      above={<BackLink to="/admin/evaluation" label={t("evaluation.title")} />}
      actions={
        <Button weight="primary" icon={Plus} onClick={() => setCreating(true)}>
          {t("evaluation.sets.create")}
        </Button>
      }
    >
      {sets.error !== null && sets.data === undefined ? (
        <ErrorNote error={sets.error} onRetry={() => void sets.refetch()} />
      ) : sets.data === undefined ? (
        <Skeleton label={t("common.loading")} rows={5} />
      ) : sets.data.length === 0 ? (
        <Card>
          <Empty icon={ListChecks} title={t("evaluation.sets.none")} body={t("evaluation.sets.noneBody")} />
        </Card>
      ) : (
        <Card className="overflow-hidden">
          <Table label={t("evaluation.sets.title")} head={COLUMNS.map((name) => t(`evaluation.sets.columns.${name}`))}>
            {sets.data.map((set) => (
              <SetRow key={set.id} set={set} />
            ))}
          </Table>
        </Card>
      )}
      {creating && <CreateSetDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}

function SetRow({ set }: { set: QuestionSet }) {
  const { t } = useTranslation();
  const collection = useCollections().data?.find(({ id }) => id === set.collectionId)?.name;
  return (
    <Row data-testid="question-set-row">
      <Cell wide>
        <Link
          to="/admin/evaluation/sets/$setId"
          params={{ setId: set.id }}
          className="font-medium break-words hover:text-accent hover:underline"
        >
          {set.name}
        </Link>
        <span className="block text-[13px] break-words text-muted">
          {collection ?? t("evaluation.sets.noCollection")}
        </span>
      </Cell>
      <Cell name={t("evaluation.sets.columns.questions")}>
        <Count value={set.questionCount} />
      </Cell>
      <Cell name={t("evaluation.sets.columns.unanswerable")}>
        <Count value={set.unanswerable} />
      </Cell>
      <Cell name={t("evaluation.sets.columns.changed")}>
        <span className="text-muted">
          <When at={set.updatedAt} />
        </span>
      </Cell>
    </Row>
  );
}
