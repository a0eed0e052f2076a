/** The advanced half of the recipe: every number with its range in words. */
import { MEMORY_MODES, TARGETS } from "@lorekeep/core";
import { useTranslation } from "react-i18next";
import { Checkbox, SelectField, TextField } from "../ui/field.tsx";
import { wrongFields, type NumberField, type RecipeDraft } from "./recipe-draft.ts";

interface RecipeFieldsProps {
  draft: RecipeDraft;
  change: (part: Partial<RecipeDraft>) => void;
}

export function RecipeFields({ draft, change }: RecipeFieldsProps) {
  const { t } = useTranslation();
  const wrong = wrongFields(draft);
  const number = (field: NumberField) => (
    <TextField
      inputMode="decimal"
      label={t(`adapt.train.fields.${field}`)}
      hint={t(`adapt.train.fieldHints.${field}`)}
      error={wrong.includes(field) ? t("adapt.train.wrongNumber") : null}
      value={draft.numbers[field]}
      onChange={(event) => change({ numbers: { ...draft.numbers, [field]: event.target.value } })}
    />
  );
  return (
    <div className="grid gap-x-4 gap-y-5 border-t border-line pt-6 sm:grid-cols-2">
      {number("rank")}
      {number("alpha")}
      {number("learningRate")}
      {number("epochs")}
      {number("maxTokens")}
      {draft.method === "preference" && number("beta")}
      <SelectField
        label={t("adapt.train.memory")}
        hint={t(`adapt.train.memoryHints.${draft.memoryMode}`)}
        value={draft.memoryMode}
        onChange={(event) => change({ memoryMode: MEMORY_MODES.find((mode) => mode === event.target.value) ?? "auto" })}
        options={MEMORY_MODES.map((value) => ({ value, label: t(`adapt.train.memoryModes.${value}`) }))}
      />
      {number("seed")}
      <fieldset className="min-w-0 sm:col-span-2">
        <legend className="text-sm font-medium">{t("adapt.train.targets")}</legend>
        <p className="text-[13px] text-muted">{t("adapt.train.targetsHint")}</p>
        <div className="mt-1 grid grid-cols-2 gap-x-4 sm:grid-cols-4">
          {TARGETS.map((target) => (
            <Checkbox
              key={target}
              label={<span className="font-mono text-[13px]">{target}</span>}
              checked={draft.targets.includes(target)}
              onChange={(event) =>
                change({
                  targets: event.target.checked
                    ? [...draft.targets, target]
                    : draft.targets.filter((other) => other !== target),
                })
              }
            />
          ))}
        </div>
        {draft.targets.length === 0 && (
          <p role="alert" className="text-[13px] text-danger">
            {t("adapt.train.noTarget")}
          </p>
        )}
      </fieldset>
    </div>
  );
}
