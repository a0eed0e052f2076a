/** The browser's own <dialog>: it traps focus, closes on Esc and gives the focus back. Mount it to open it. */
import clsx from "clsx";
import { X } from "lucide-react";
import { useId, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { errorText } from "./error-text.ts";
import { Button, IconButton } from "./button.tsx";

const SHAPES = {
  card: "m-auto w-[min(34rem,calc(100vw-2rem))] max-h-[calc(100dvh-2rem)] rounded-2xl rise",
  drawer: "mr-auto my-0 ml-0 h-dvh max-h-none w-[min(19rem,88vw)]",
  sheet: "m-0 h-dvh max-h-none w-screen max-w-none",
};

interface DialogProps {
  title: string;
  onClose: () => void;
  shape?: keyof typeof SHAPES;
  /** Hides the title row; the title still names the dialog. */
  bare?: boolean;
  children: ReactNode;
}

export function Dialog({ title, onClose, shape = "card", bare = false, children }: DialogProps) {
  const { t } = useTranslation();
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return createPortal(
    <dialog
      ref={ref}
      {...(bare ? { "aria-label": title } : { "aria-labelledby": titleId })}
      onCancel={(event) => {
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      className={clsx("overflow-hidden border-line bg-surface p-0 shadow-float not-open:hidden", SHAPES[shape])}
    >
      {bare ? (
        children
      ) : (
        <div className="flex max-h-[calc(100dvh-2rem)] flex-col">
          <div className="flex items-center justify-between gap-4 px-6 pt-5 pb-2">
            <h2 id={titleId} className="font-serif text-xl font-semibold">
              {title}
            </h2>
            <IconButton icon={X} label={t("common.close")} onClick={onClose} small />
          </div>
          <div className="overflow-y-auto px-6 pt-1 pb-6">{children}</div>
        </div>
      )}
    </dialog>,
    document.body,
  );
}

interface ConfirmProps {
  title: string;
  body: ReactNode;
  confirmLabel: string;
  danger?: boolean;
  /** Resolves: the dialog closes. Rejects: the dialog stays and says why. */
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

export function ConfirmDialog({ title, body, confirmLabel, danger = false, onConfirm, onClose }: ConfirmProps) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="text-muted">{body}</div>
      {error !== null && (
        <p role="alert" className="mt-3 text-sm text-danger">
          {errorText(error, t).title}
        </p>
      )}
      <div className="mt-6 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button weight={danger ? "danger" : "primary"} busy={busy} onClick={() => void confirm()}>
          {confirmLabel}
        </Button>
      </div>
    </Dialog>
  );
}
