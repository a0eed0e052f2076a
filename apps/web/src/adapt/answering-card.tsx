/** One row for everywhere and one for each collection: what answers, since when, how strongly; off, back, another one. */
import type { Adapter } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { Power, Repeat2, Undo2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useActivateAdapter, useDeactivateAdapter, useRollbackAdapter } from "../adaptation-queries.ts";
import { Button } from "../ui/button.tsx";
import { errorText } from "../ui/error-text.ts";
import { When } from "../ui/formatted.tsx";
import { Card } from "../ui/page.tsx";
import { Slider } from "../ui/slider.tsx";
import { toast } from "../ui/toast.tsx";
import { adapterLabel, type AnsweringNow } from "./answering-now.ts";
import { SwitchOnDialog } from "./switch-on-dialog.tsx";

const MAX_SCALE = 1.5;

export function AnsweringCard({ rows, adapters }: { rows: readonly AnsweringNow[]; adapters: readonly Adapter[] }) {
  const { t } = useTranslation();
  return (
    <Card>
      <ul aria-label={t("adapt.answering.title")} className="divide-y divide-line">
        {rows.map((row) => (
          <AnsweringRow key={row.collectionId} row={row} adapters={adapters} />
        ))}
      </ul>
    </Card>
  );
}

function AnsweringRow({ row, adapters }: { row: AnsweringNow; adapters: readonly Adapter[] }) {
  const { t } = useTranslation();
  const place = row.collectionName ?? t("adapt.answering.everywhere");
  return (
    <li
      data-testid="answering"
      data-state={row.state}
      className="grid items-center gap-x-6 gap-y-3 px-5 py-4 md:grid-cols-[minmax(0,1fr)_13rem_auto]"
    >
      <div className="min-w-0">
        <p className="text-[13px] break-words text-muted">{place}</p>
        <WhatAnswers row={row} />
      </div>
      {row.state === "adapter" && row.adapter !== null ? (
        <ScaleSlider row={row} adapter={row.adapter} place={place} />
      ) : (
        <span className="max-md:hidden" />
      )}
      <div className="flex flex-wrap gap-2 md:justify-end">
        {row.state === "adapter" && row.adapter !== null && <OffButton row={row} adapter={row.adapter} place={place} />}
        {row.hasPast && <BackButton row={row} place={place} />}
        {adapters.length > 0 && <ChooseButton row={row} adapters={adapters} place={place} />}
      </div>
    </li>
  );
}

interface ActionProps {
  row: AnsweringNow;
  place: string;
}

function OffButton({ row, adapter, place }: ActionProps & { adapter: Adapter }) {
  const { t } = useTranslation();
  const deactivate = useDeactivateAdapter();
  const off = () =>
    deactivate.mutate(
      { id: adapter.id, collectionId: row.collectionId },
      {
        onError: (error) => toast(errorText(error, t).title),
        onSuccess: () => toast(t("adapt.answering.isOff", { place })),
      },
    );
  return (
    <Button
      size="sm"
      icon={Power}
      busy={deactivate.isPending}
      aria-label={t("adapt.answering.offLabel", { place })}
      onClick={off}
    >
      {t("adapt.answering.off")}
    </Button>
  );
}

function BackButton({ row, place }: ActionProps) {
  const { t } = useTranslation();
  const rollback = useRollbackAdapter();
  const back = () =>
    rollback.mutate(row.collectionId, {
      onError: (error) => toast(errorText(error, t).title),
      onSuccess: () => toast(t("adapt.answering.isBack", { place })),
    });
  return (
    <Button
      size="sm"
      icon={Undo2}
      busy={rollback.isPending}
      aria-label={t("adapt.answering.backLabel", { place })}
      onClick={back}
    >
      {t("adapt.answering.back")}
    </Button>
  );
}

function ChooseButton({ row, place, adapters }: ActionProps & { adapters: readonly Adapter[] }) {
  const { t } = useTranslation();
  const [choosing, setChoosing] = useState(false);
  return (
    <>
      <Button
        size="sm"
        icon={Repeat2}
        aria-label={t("adapt.answering.chooseLabel", { place })}
        onClick={() => setChoosing(true)}
      >
        {t("adapt.answering.choose")}
      </Button>
      {choosing && (
        <SwitchOnDialog
          adapters={adapters}
          adapter={row.adapter}
          place={row.collectionId}
          onClose={() => setChoosing(false)}
        />
      )}
    </>
  );
}

function WhatAnswers({ row }: { row: AnsweringNow }) {
  const { t } = useTranslation();
  if (row.state === "follows")
    return (
      <p className="text-muted">
        {t("adapt.answering.follows")}
        {row.adapter !== null && <> ({adapterLabel(row.adapter)})</>}
      </p>
    );
  if (row.adapter === null) return <p className="font-medium">{t("adapt.answering.alone")}</p>;
  const label = adapterLabel(row.adapter);
  return (
    <p className="break-words">
      {row.adapter.fineTuneId === null ? (
        <span className="font-medium">{label}</span>
      ) : (
        <Link
          to="/admin/adapt/runs/$runId"
          params={{ runId: row.adapter.fineTuneId }}
          className="font-medium hover:text-accent hover:underline"
        >
          {label}
        </Link>
      )}
      {row.since !== null && (
        <span className="text-[13px] text-muted">
          {" · "}
          {t("adapt.answering.since")} <When at={row.since} />
        </span>
      )}
    </p>
  );
}

const SETTLE_MS = 700;

/** Sent when it has rested for a moment, since each change is written into the history. */
function ScaleSlider({ row, adapter, place }: { row: AnsweringNow; adapter: Adapter; place: string }) {
  const { t } = useTranslation();
  const { mutate } = useActivateAdapter();
  // Belongs to the choice that it was moved for: after a change from elsewhere the new value stands.
  const [moved, setMoved] = useState<{ since: string | null; scale: number } | null>(null);
  const scale = moved?.since === row.since && moved !== null ? moved.scale : row.scale;
  const { collectionId } = row;
  useEffect(() => {
    if (scale === row.scale) return;
    const timer = setTimeout(
      () =>
        mutate(
          { id: adapter.id, request: { scale, force: !adapter.passed, collections: [collectionId] } },
          {
            onSuccess: () => toast(t("common.saved")),
            onError: (error) => {
              setMoved(null);
              toast(errorText(error, t).title);
            },
          },
        ),
      SETTLE_MS,
    );
    return () => clearTimeout(timer);
  }, [scale, row.scale, collectionId, adapter.id, adapter.passed, mutate, t]);
  return (
    <Slider
      hideLabel
      label={t("adapt.answering.scale", { place })}
      max={MAX_SCALE}
      value={scale}
      onChange={(value) => setMoved({ since: row.since, scale: value })}
    />
  );
}
