/** Training by itself in the nightly run: off until somebody switches it on here. */
import { autoTrainSchema, type AutoTrainState } from "@lorekeep/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSaveAutoTrain } from "../adaptation-queries.ts";
import { Button } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Checkbox, SelectField, Switch, TextField } from "../ui/field.tsx";
import { Card } from "../ui/page.tsx";
import { toast } from "../ui/toast.tsx";

const PRESETS = ["quick", "thorough"] as const;

export function AutomaticTraining({ state }: { state: AutoTrainState }) {
  const { t } = useTranslation();
  const save = useSaveAutoTrain();
  const [draft, setDraft] = useState({ ...state, least: String(state.minCorrections) });
  const { enabled, autoActivate, preset } = draft;
  const asked = autoTrainSchema.safeParse({ enabled, autoActivate, preset, minCorrections: Number(draft.least) });
  const { waiting: _waiting, ...saved } = state;
  const isChanged = asked.success && JSON.stringify(asked.data) !== JSON.stringify(autoTrainSchema.parse(saved));
  const change = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });
  return (
    <Card className="p-5 sm:p-6">
      <form
        aria-label={t("adapt.automatic.title")}
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (asked.success) save.mutate(asked.data, { onSuccess: () => toast(t("common.saved")) });
        }}
      >
        <div>
          <Switch
            label={t("adapt.automatic.enabled")}
            checked={enabled}
            onChange={(event) => change({ enabled: event.target.checked })}
          />
          <p className="text-[13px] text-muted">{t("adapt.automatic.hint")}</p>
        </div>
        {enabled && (
          <>
            <div className="grid gap-4 sm:grid-cols-2">
              <TextField
                inputMode="numeric"
                label={t("adapt.automatic.least")}
                hint={t("adapt.automatic.leastHint")}
                error={asked.success ? null : t("adapt.train.wrongNumber")}
                value={draft.least}
                onChange={(event) => change({ least: event.target.value })}
              />
              <SelectField
                label={t("adapt.train.preset")}
                hint={t(`adapt.train.choiceHints.${preset}`)}
                value={preset}
                onChange={(event) => change({ preset: PRESETS.find((name) => name === event.target.value) ?? preset })}
                options={PRESETS.map((value) => ({ value, label: t(`adapt.train.choices.${value}`) }))}
              />
            </div>
            <Checkbox
              label={t("adapt.automatic.activate")}
              hint={t("adapt.automatic.activateHint")}
              checked={autoActivate}
              onChange={(event) => change({ autoActivate: event.target.checked })}
            />
          </>
        )}
        {save.error !== null && <ErrorNote error={save.error} />}
        <Button type="submit" className="self-end" busy={save.isPending} disabled={!isChanged}>
          {t("common.save")}
        </Button>
      </form>
    </Card>
  );
}
