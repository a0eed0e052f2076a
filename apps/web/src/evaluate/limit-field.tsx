/** How many questions are asked or made at most; text, since a number field may be empty while it is typed in. */
import { useTranslation } from "react-i18next";
import { TextField } from "../ui/field.tsx";

interface LimitProps {
  limit: string;
  change: (part: { limit: string }) => void;
}

export function LimitField({ limit, change }: LimitProps) {
  const { t } = useTranslation();
  return (
    <TextField
      type="number"
      label={t("evaluation.limit")}
      min={1}
      max={2000}
      required
      value={limit}
      onChange={(event) => change({ limit: event.target.value })}
    />
  );
}
