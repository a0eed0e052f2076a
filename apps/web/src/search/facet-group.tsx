/** One facet: its title and its ticks, each with the number of documents. */
import type { ReactNode } from "react";
import { Checkbox } from "../ui/field.tsx";
import { Count } from "../ui/formatted.tsx";

export function FacetGroup({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-sm font-medium break-words">{title}</legend>
      {children}
      {hint !== undefined && <p className="mt-1 text-[13px] text-muted">{hint}</p>}
    </fieldset>
  );
}

interface ChoiceProps {
  label: string;
  count: number;
  checked: boolean;
  onToggle: () => void;
}

export function FacetChoice({ label, count, checked, onToggle }: ChoiceProps) {
  return (
    <Checkbox
      checked={checked}
      onChange={onToggle}
      label={
        <>
          {label}{" "}
          <span className="text-[13px] text-muted">
            <Count value={count} />
          </span>
        </>
      }
    />
  );
}
