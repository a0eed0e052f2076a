/** Which prompt the generator is asked with: a version, perhaps with instructions of one's own. Can be tried before it serves. */
import { RotateCcw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { SelectField, TextArea, TextField } from "../ui/field.tsx";
import type { PromptDraft } from "./prompt-draft.ts";
import { usePrompts } from "./question-set-queries.ts";

const MOST_LETTERS = 2000;

interface PromptProps {
  draft: PromptDraft;
  change: (part: Partial<PromptDraft>) => void;
}

export function PromptFields({ draft, change }: PromptProps) {
  const { t } = useTranslation();
  const prompts = usePrompts().data;
  if (prompts === undefined) return null;
  const chosen = prompts.find(({ version, isDefault }) =>
    draft.promptVersion === "" ? isDefault : version === draft.promptVersion,
  );
  const bare = chosen === undefined || chosen.isDefault ? "" : chosen.version;
  return (
    <div className="flex flex-col gap-3 sm:col-span-2">
      <SelectField
        label={t("evaluation.prompt.version")}
        hint={t("evaluation.prompt.hint")}
        value={chosen === undefined ? draft.promptVersion : bare}
        onChange={(event) => change({ promptVersion: event.target.value, instructions: null, examples: "0" })}
        options={[
          ...prompts.map(({ version, isDefault }) => ({
            value: isDefault ? "" : version,
            label: isDefault ? t("evaluation.prompt.shipped", { version }) : version,
          })),
          ...(chosen === undefined ? [{ value: draft.promptVersion, label: draft.promptVersion }] : []),
        ]}
      />
      <TextArea
        label={t("evaluation.prompt.instructions")}
        hint={t("evaluation.prompt.rule")}
        rows={4}
        maxLength={MOST_LETTERS}
        value={draft.instructions ?? chosen?.instructions ?? ""}
        onChange={(event) =>
          change({ promptVersion: chosen?.version ?? draft.promptVersion, instructions: event.target.value })
        }
      />
      <TextField
        type="number"
        label={t("evaluation.prompt.examples")}
        hint={t("evaluation.prompt.examplesHint")}
        min={0}
        max={3}
        required
        value={draft.examples}
        onChange={(event) =>
          change({ promptVersion: chosen?.version ?? draft.promptVersion, examples: event.target.value })
        }
      />
      {draft.instructions !== null && (
        <Button
          size="sm"
          icon={RotateCcw}
          className="self-start"
          onClick={() =>
            change({ promptVersion: draft.examples === "0" ? bare : draft.promptVersion, instructions: null })
          }
        >
          {t("evaluation.prompt.reset")}
        </Button>
      )}
    </div>
  );
}
