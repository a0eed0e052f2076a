/** Where files come in: drop them anywhere on the card, or pick files or a folder. */
import clsx from "clsx";
import { FileUp, FolderUp, UploadCloud } from "lucide-react";
import { useRef, useState, type ChangeEvent } from "react";
import { useTranslation } from "react-i18next";
import { useCollections } from "../queries.ts";
import { Button } from "../ui/button.tsx";
import { SelectField } from "../ui/field.tsx";
import { toast } from "../ui/toast.tsx";
import { droppedFiles, pickedFiles, type NamedFile } from "./dropped-files.ts";
import { addFiles } from "./uploads.ts";

// An attribute that every browser knows and React's types do not.
const WHOLE_FOLDER: object = { webkitdirectory: "" };

export function DropZone({ preferred }: { preferred: string | undefined }) {
  const { t } = useTranslation();
  const collections = useCollections().data ?? [];
  const [picked, setPicked] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const collection = picked ?? preferred ?? collections[0]?.id;
  const take = (list: readonly NamedFile[]) => {
    if (list.length === 0) toast(t("documents.nothingDropped"));
    else addFiles(list, collection);
  };
  const input = {
    type: "file",
    multiple: true,
    hidden: true,
    onChange: (event: ChangeEvent<HTMLInputElement>) => {
      take(pickedFiles(event.target.files));
      event.target.value = "";
    },
  };
  return (
    <div
      data-testid="drop-zone"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void droppedFiles(event.dataTransfer).then(take, () => toast(t("documents.dropFailed")));
      }}
      className={clsx(
        "flex flex-wrap items-center gap-x-6 gap-y-4 rounded-2xl border-2 border-dashed px-6 py-6 transition-colors",
        over ? "border-accent bg-accent-soft" : "border-line-strong/50 bg-surface",
      )}
    >
      <UploadCloud aria-hidden className="size-9 shrink-0 text-accent max-sm:hidden" strokeWidth={1.5} />
      <div className="min-w-56 flex-1">
        <p className="font-serif text-lg font-semibold">{t("documents.dropTitle")}</p>
        <p className="text-sm text-muted">{t("documents.dropBody")}</p>
      </div>
      {collections.length > 1 && (
        <div className="w-48">
          <SelectField
            label={t("documents.into")}
            value={collection}
            onChange={(event) => setPicked(event.target.value)}
            options={collections.map(({ id, name }) => ({ value: id, label: name }))}
          />
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        <Button weight="primary" icon={FileUp} onClick={() => files.current?.click()}>
          {t("documents.chooseFiles")}
        </Button>
        <Button icon={FolderUp} onClick={() => folder.current?.click()}>
          {t("documents.chooseFolder")}
        </Button>
      </div>
      <input ref={files} data-testid="file-input" {...input} />
      <input ref={folder} data-testid="folder-input" {...input} {...WHOLE_FOLDER} />
    </div>
  );
}
