/** Addresses in answers. Never a plain <a>: nothing is prefetched, and leaving takes a second, informed click (S9). */
import { ExternalLink } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "../ui/dialog.tsx";
import { judgeLink } from "./link-policy.ts";

export function OutsideLink({ address, children }: { address: string | undefined; children: ReactNode }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const fate = judgeLink(address, location.origin);
  if (fate.kind === "text") return <span>{children}</span>;
  return (
    <>
      <button
        type="button"
        data-testid="outside-link"
        onClick={() => setAsking(true)}
        className="inline text-start text-accent underline decoration-accent/40 underline-offset-2 hover:decoration-accent"
      >
        {children}
        <span className="ms-1 inline-flex items-center gap-1 rounded bg-ink/7 px-1.5 py-px align-middle text-[0.75em] text-muted no-underline">
          <ExternalLink aria-hidden className="size-3" />
          {fate.host}
        </span>
      </button>
      {asking && (
        <ConfirmDialog
          title={t("chat.leaveTitle", { host: fate.host })}
          body={
            <>
              <p>{t("chat.leaveBody")}</p>
              <p className="mt-3 rounded-lg bg-sunk p-3 font-mono text-[13px] break-all text-ink">{fate.href}</p>
            </>
          }
          confirmLabel={t("chat.leaveConfirm")}
          onClose={() => setAsking(false)}
          onConfirm={async () => void open(fate.href, "_blank", "noopener,noreferrer")}
        />
      )}
    </>
  );
}

/** An image in an answer is named, never loaded. */
export function ImageAsText({ address, alt }: { address: string | undefined; alt: string | undefined }) {
  const { t } = useTranslation();
  return (
    <OutsideLink address={address}>{t("chat.image", { alt: alt === undefined || alt === "" ? "–" : alt })}</OutsideLink>
  );
}
