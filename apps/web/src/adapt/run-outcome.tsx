import type { Adapter, Gate } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleSlash, Ellipsis, Power, Scale } from "lucide-react";
import { Download } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { adapterFileUrl } from "../adaptation-queries.ts";
import { Button, buttonClass } from "../ui/button.tsx";
import { Menu } from "../ui/menu.tsx";
import { Notice } from "../ui/notice.tsx";
import { adapterLabel } from "./answering-now.ts";
import { SwitchOnDialog } from "./switch-on-dialog.tsx";

const TOO_FEW = "enough examples";

/** The gate's verdict in one sentence, and the next step: switch on, compare, take the file along. */
export function RunOutcome({ gate, adapter }: { gate: Gate; adapter: Adapter | undefined }) {
  const { t } = useTranslation();
  const [switching, setSwitching] = useState(false);
  const failed = gate.verdicts.filter((verdict) => !verdict.passed);
  // Nothing speaks against it then: nobody can tell.
  const body = failed.every(({ rule }) => rule === TOO_FEW) ? "tooFewBody" : "failedBody";
  const answers = adapter !== undefined && adapter.activeIn.length > 0;
  return (
    <div className="mb-4" data-testid="gate" data-passed={gate.passed}>
      <Notice
        tone={gate.passed ? "good" : "warn"}
        icon={gate.passed ? CircleCheck : CircleSlash}
        title={gate.passed ? t("adapt.gate.passedTitle") : t("adapt.gate.failedTitle", { count: failed.length })}
        action={
          adapter && (
            <div className="flex flex-wrap items-center gap-2">
              <Button weight={gate.passed ? "primary" : "secondary"} icon={Power} onClick={() => setSwitching(true)}>
                {t("adapt.switchOn.open")}
              </Button>
              <Link to="/admin/adapt/compare" search={{ adapter: adapter.id }} className={buttonClass("secondary")}>
                <Scale aria-hidden className="size-4" />
                {t("adapt.run.tryIt")}
              </Link>
              <Menu
                small={false}
                label={t("documents.menu", { name: adapterLabel(adapter) })}
                icon={Ellipsis}
                items={(["gguf", "peft"] as const).map((format) => ({
                  label: t(`adapt.adapters.download.${format}`),
                  icon: Download,
                  onSelect: () => location.assign(adapterFileUrl(adapter.id, format)),
                }))}
              />
            </div>
          )
        }
      >
        {answers ? t("adapt.gate.answersNow") : gate.passed ? t("adapt.gate.passedBody") : t(`adapt.gate.${body}`)}
      </Notice>
      {switching && adapter && (
        <SwitchOnDialog adapters={[adapter]} adapter={adapter} onClose={() => setSwitching(false)} />
      )}
    </div>
  );
}
