import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLogin, useSession } from "../queries.ts";
import { Button } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { isUnauthenticated } from "../ui/error-text.ts";
import { TextField } from "../ui/field.tsx";
import { AuthCard } from "./auth-card.tsx";

export function LoginPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const session = useSession();
  const login = useLogin();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  if (session.data?.setupRequired === true)
    return (
      <AuthCard title={t("auth.noOwnerTitle")} lead={t("auth.noOwnerBody")}>
        <p className="rounded-xl bg-sunk p-4 text-sm text-muted">{t("auth.noOwnerHint")}</p>
      </AuthCard>
    );
  return (
    <AuthCard title={t("auth.loginTitle")} lead={t("auth.loginLead")}>
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          login.mutate({ name, password }, { onSuccess: () => void navigate({ to: "/" }) });
        }}
      >
        <TextField
          label={t("auth.name")}
          autoComplete="username"
          autoFocus
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={t("auth.password")}
          type="password"
          autoComplete="current-password"
          required
          value={password}
          error={isUnauthenticated(login.error) ? t("auth.wrong") : null}
          onChange={(event) => setPassword(event.target.value)}
        />
        {login.error !== null && !isUnauthenticated(login.error) && <ErrorNote error={login.error} />}
        <Button type="submit" weight="primary" busy={login.isPending}>
          {t("auth.login")}
        </Button>
      </form>
    </AuthCard>
  );
}
