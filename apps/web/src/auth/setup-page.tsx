/** The one-time link: its secret stands after # and so never reaches a server log. Makes the owner and signs in. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession, useSetup } from "../queries.ts";
import { Button, buttonClass } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { TextField } from "../ui/field.tsx";
import { AuthCard } from "./auth-card.tsx";

const MIN_PASSWORD = 10;
const MIN_SECRET = 20;

export function SetupPage() {
  const { t } = useTranslation();
  const session = useSession();
  const [secret] = useState(() => decodeURIComponent(location.hash.slice(1)));
  if (session.data?.setupRequired === false)
    return (
      <AuthCard title={t("auth.usedTitle")} lead={t("auth.usedBody")}>
        <Link to="/login" className={buttonClass("primary")}>
          {t("auth.login")}
        </Link>
      </AuthCard>
    );
  if (secret.length < MIN_SECRET)
    return (
      <AuthCard title={t("auth.noSecretTitle")} lead={t("auth.noOwnerBody")}>
        <p className="rounded-xl bg-sunk p-4 text-sm text-muted">{t("auth.noOwnerHint")}</p>
      </AuthCard>
    );
  return <OwnerForm secret={secret} />;
}

function OwnerForm({ secret }: { secret: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const setup = useSetup();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const short = tried && password.length < MIN_PASSWORD;
  const differs = tried && !short && password !== again;
  const submit = () => {
    setTried(true);
    if (name.trim() === "" || password.length < MIN_PASSWORD || password !== again) return;
    setup.mutate({ secret, name: name.trim(), password }, { onSuccess: () => void navigate({ to: "/welcome" }) });
  };
  return (
    <AuthCard title={t("auth.setupTitle")} lead={t("auth.setupLead")}>
      <form
        noValidate
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField
          label={t("auth.name")}
          autoComplete="username"
          autoFocus
          value={name}
          error={tried && name.trim() === "" ? t("auth.nameMissing") : null}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={t("auth.password")}
          type="password"
          autoComplete="new-password"
          hint={t("auth.passwordHint", { count: MIN_PASSWORD })}
          value={password}
          error={short ? t("auth.passwordShort", { count: MIN_PASSWORD }) : null}
          onChange={(event) => setPassword(event.target.value)}
        />
        <TextField
          label={t("auth.passwordAgain")}
          type="password"
          autoComplete="new-password"
          value={again}
          error={differs ? t("auth.passwordDiffers") : null}
          onChange={(event) => setAgain(event.target.value)}
        />
        {setup.error !== null && <ErrorNote error={setup.error} />}
        <Button type="submit" weight="primary" busy={setup.isPending}>
          {t("auth.setup")}
        </Button>
      </form>
    </AuthCard>
  );
}
