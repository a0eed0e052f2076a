/** Which adapter answers where, and how strongly. One that failed its gate takes an explicit word. */
import type { Adapter } from "@lorekeep/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useActivateAdapter } from "../adaptation-queries.ts";
import { useCollections } from "../queries.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Checkbox, SelectField } from "../ui/field.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { Slider } from "../ui/slider.tsx";
import { toast } from "../ui/toast.tsx";
import { adapterLabel, EVERYWHERE } from "./answering-now.ts";

/** One that was never tested is switched on at the reader's own judgement. */
const needsForce = (adapter: Adapter) => adapter.gate !== null && !adapter.passed;

interface SwitchOnProps {
  /** What can be chosen from. */
  adapters: readonly Adapter[];
  /** Chosen at first. */
  adapter: Adapter | null;
  /** A collection's id or EVERYWHERE; fixed when given. */
  place?: string;
  onClose: () => void;
}

/** What is chosen, whether that is enough to switch it on, and doing so. */
function useChoice({ adapters, adapter: first, place, onClose }: SwitchOnProps) {
  const { t } = useTranslation();
  const activate = useActivateAdapter();
  const [id, setId] = useState((first ?? adapters.find(({ passed }) => passed) ?? adapters[0])?.id ?? "");
  const [places, setPlaces] = useState<readonly string[]>([place ?? EVERYWHERE]);
  const [scale, setScale] = useState(1);
  const [force, setForce] = useState(false);
  const adapter = adapters.find((candidate) => candidate.id === id);
  const failed = adapter !== undefined && needsForce(adapter);
  const complete = adapter !== undefined && places.length > 0 && (!failed || force);
  const choose = (next: string) => {
    setId(next);
    setForce(false);
  };
  const send = () =>
    activate.mutate(
      {
        id,
        request: { scale, force, ...(places.includes(EVERYWHERE) ? {} : { collections: [...places] }) },
      },
      {
        onSuccess: () => {
          toast(t("adapt.switchOn.done", { name: adapter === undefined ? "" : adapterLabel(adapter) }));
          onClose();
        },
      },
    );
  return { activate, id, choose, places, setPlaces, scale, setScale, failed, force, setForce, complete, send };
}

export function SwitchOnDialog(props: SwitchOnProps) {
  const { adapters, place, onClose } = props;
  const { t } = useTranslation();
  const collections = useCollections().data ?? [];
  const choice = useChoice(props);
  const name = collections.find((collection) => collection.id === place)?.name ?? t("adapt.answering.everywhere");
  return (
    <Dialog
      title={place === undefined ? t("adapt.switchOn.title") : t("adapt.switchOn.titleIn", { place: name })}
      onClose={onClose}
    >
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          choice.send();
        }}
      >
        <SelectField
          label={t("adapt.adapter")}
          value={choice.id}
          onChange={(event) => choice.choose(event.target.value)}
          options={adapters.map((item) => ({
            value: item.id,
            label: needsForce(item)
              ? t("adapt.switchOn.failedOption", { name: adapterLabel(item) })
              : adapterLabel(item),
          }))}
        />
        {place === undefined && <PlacePicker places={choice.places} onPlaces={choice.setPlaces} />}
        <Slider
          label={t("adapt.switchOn.scale")}
          hint={t("adapt.switchOn.scaleHint")}
          max={1.5}
          value={choice.scale}
          onChange={choice.setScale}
        />
        {choice.failed && <Force force={choice.force} onForce={choice.setForce} />}
        {choice.activate.error !== null && <ErrorNote error={choice.activate.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" weight="primary" busy={choice.activate.isPending} disabled={!choice.complete}>
            {t("adapt.switchOn.confirm")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Everywhere, or the collections that are ticked. */
function PlacePicker({
  places,
  onPlaces,
}: {
  places: readonly string[];
  onPlaces: (places: readonly string[]) => void;
}) {
  const { t } = useTranslation();
  const collections = useCollections().data ?? [];
  const everywhere = places.includes(EVERYWHERE);
  return (
    <div>
      <p className="mb-1.5 text-sm font-medium">{t("adapt.switchOn.where")}</p>
      <Segmented
        label={t("adapt.switchOn.where")}
        value={everywhere ? "everywhere" : "some"}
        onChange={(value) => onPlaces(value === "everywhere" ? [EVERYWHERE] : [])}
        segments={[
          { value: "everywhere", label: t("adapt.switchOn.everywhere") },
          { value: "some", label: t("adapt.switchOn.some") },
        ]}
      />
      {!everywhere && (
        <div className="mt-2 max-h-48 overflow-y-auto">
          {collections.map(({ id, name }) => (
            <Checkbox
              key={id}
              label={name}
              checked={places.includes(id)}
              onChange={(event) =>
                onPlaces(event.target.checked ? [...places, id] : places.filter((other) => other !== id))
              }
            />
          ))}
        </div>
      )}
    </div>
  );
}

function Force({ force, onForce }: { force: boolean; onForce: (force: boolean) => void }) {
  const { t } = useTranslation();
  return (
    <div className="rounded-xl bg-warn-soft px-4 py-2">
      <Checkbox
        label={t("adapt.switchOn.force")}
        hint={t("adapt.switchOn.forceHint")}
        checked={force}
        onChange={(event) => onForce(event.target.checked)}
      />
    </div>
  );
}
