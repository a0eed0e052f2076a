/** A new API key: name, rights, collections, expiry; then its secret, which is shown this once. */
import { SCOPES, type Scope } from "@lorekeep/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCollections, useCreateKey } from "../queries.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Checkbox, SelectField, TextField } from "../ui/field.tsx";

const LIFETIMES_DAYS = ["30", "90", "365", ""] as const;
const DAY_MS = 86_400_000;

export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const create = useCreateKey();
  if (create.data !== undefined)
    return (
      <Dialog title={t("keys.createdTitle")} onClose={onClose}>
        <p className="text-muted">{t("keys.createdBody")}</p>
        <p
          data-testid="key-secret"
          tabIndex={0}
          aria-label={t("keys.secret")}
          role="group"
          className="mt-4 rounded-xl bg-sunk p-4 font-mono text-sm break-all select-all"
        >
          {create.data.secret}
        </p>
        <div className="mt-5 flex justify-end gap-2">
          <CopyButton text={create.data.secret} label={t("common.copy")} />
          <Button size="sm" weight="primary" onClick={onClose}>
            {t("common.done")}
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={t("keys.create")} onClose={onClose}>
      <KeyForm create={create} onClose={onClose} />
    </Dialog>
  );
}

function KeyForm({ create, onClose }: { create: ReturnType<typeof useCreateKey>; onClose: () => void }) {
  const { t } = useTranslation();
  const collections = useCollections().data ?? [];
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(["search", "chat"]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [days, setDays] = useState<string>("90");
  const toggle = <Item,>(list: readonly Item[], item: Item, on: boolean) =>
    on ? [...list, item] : list.filter((other) => other !== item);
  const submit = () =>
    create.mutate({
      name: name.trim(),
      scopes: [...scopes],
      collections: chosen.length === 0 ? null : [...chosen],
      expiresAt: days === "" ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString(),
    });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (scopes.length > 0) submit();
      }}
    >
      <TextField
        label={t("keys.name")}
        hint={t("keys.nameHint")}
        required
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <fieldset>
        <legend className="text-sm font-medium">{t("keys.columns.rights")}</legend>
        {SCOPES.map((scope) => (
          <Checkbox
            key={scope}
            label={t(`keys.scopes.${scope}`)}
            hint={t(`keys.scopeHints.${scope}`)}
            checked={scopes.includes(scope)}
            onChange={(event) => setScopes(toggle(scopes, scope, event.target.checked))}
          />
        ))}
      </fieldset>
      {scopes.length === 0 && (
        <p role="alert" className="text-sm text-danger">
          {t("keys.noScope")}
        </p>
      )}
      {collections.length > 1 && (
        <fieldset>
          <legend className="text-sm font-medium">{t("keys.columns.collections")}</legend>
          <p className="text-[13px] text-muted">{t("keys.collectionsHint")}</p>
          <div className="max-h-40 overflow-y-auto">
            {collections.map((collection) => (
              <Checkbox
                key={collection.id}
                label={collection.name}
                checked={chosen.includes(collection.id)}
                onChange={(event) => setChosen(toggle(chosen, collection.id, event.target.checked))}
              />
            ))}
          </div>
        </fieldset>
      )}
      <SelectField
        label={t("keys.columns.expires")}
        value={days}
        onChange={(event) => setDays(event.target.value)}
        options={LIFETIMES_DAYS.map((value) => ({
          value,
          label: value === "" ? t("keys.never") : t("keys.days", { count: Number(value) }),
        }))}
      />
      {create.error !== null && <ErrorNote error={create.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button type="submit" weight="primary" busy={create.isPending}>
          {t("keys.create")}
        </Button>
      </div>
    </form>
  );
}
