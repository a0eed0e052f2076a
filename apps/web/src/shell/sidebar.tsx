/** The left column: where one can go, then what belongs to the place (conversations, or the sections of the admin). */
import { Link, useLocation, useNavigate, useRouter } from "@tanstack/react-router";
import clsx from "clsx";
import { LogOut, MessageSquareText, Search, SlidersHorizontal, SquarePen } from "lucide-react";
import { useTranslation } from "react-i18next";
import { AdminNav } from "./admin-nav.tsx";
import { ConversationList } from "../chat/conversation-list.tsx";
import { drop, NEW } from "../chat/live-answers.ts";
import { logout, useSession } from "../queries.ts";
import { buttonClass, IconButton } from "../ui/button.tsx";
import { Wordmark } from "../ui/logo.tsx";
import { toast } from "../ui/toast.tsx";
import { LanguageButton, ThemeButton } from "./preferences.tsx";

export const PLACES = [
  { to: "/", name: "chat", icon: MessageSquareText },
  { to: "/search", name: "search", icon: Search },
  { to: "/admin", name: "admin", icon: SlidersHorizontal },
] as const;

export type Place = (typeof PLACES)[number]["name"];

export function usePlace(): Place {
  const path = useLocation({ select: (location) => location.pathname });
  if (path.startsWith("/admin")) return "admin";
  return path.startsWith("/search") ? "search" : "chat";
}

export function Sidebar() {
  const { t } = useTranslation();
  const place = usePlace();
  const name = useSession().data?.user?.name ?? "";
  return (
    <div className="flex h-full flex-col bg-sunk">
      <div className="px-4 pt-4 pb-3">
        <Link to="/" aria-label={t("nav.home")} className="inline-block rounded-lg">
          <Wordmark />
        </Link>
      </div>
      <nav aria-label={t("nav.main")} className="flex flex-col gap-0.5 px-2">
        {PLACES.map(({ to, name: key, icon: Icon }) => (
          <Link
            key={key}
            to={to}
            aria-current={place === key ? "page" : undefined}
            className={clsx(
              "flex h-9 items-center gap-3 rounded-lg px-2.5 text-sm transition-colors",
              place === key
                ? "bg-surface font-medium text-ink shadow-card"
                : "text-muted hover:bg-ink/5 hover:text-ink",
            )}
          >
            <Icon aria-hidden className={clsx("size-4", place === key && "text-accent")} />
            {t(`nav.${key}`)}
          </Link>
        ))}
      </nav>
      <div className="mx-4 my-3 border-t border-line" />
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
        {place === "admin" ? (
          <AdminNav />
        ) : (
          <>
            <Link to="/" onClick={() => drop(NEW)} className={`mb-3 w-full ${buttonClass("secondary")}`}>
              <SquarePen aria-hidden className="size-4" />
              {t("chat.new")}
            </Link>
            <ConversationList />
          </>
        )}
      </div>
      <div className="flex items-center gap-1 border-t border-line px-3 py-2.5">
        <span className="flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft text-xs font-semibold text-accent uppercase">
          {[...name][0] ?? ""}
        </span>
        <span className="min-w-0 flex-1 truncate px-1.5 text-[13px] font-medium">{name}</span>
        <LanguageButton />
        <ThemeButton />
        <SignOutButton />
      </div>
    </div>
  );
}

function SignOutButton() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const router = useRouter();
  const signOut = async () => {
    try {
      await logout();
    } catch {
      toast(t("errors.unreachable"));
      return;
    }
    router.options.context.queries.clear();
    await navigate({ to: "/login" });
  };
  return <IconButton small icon={LogOut} label={t("nav.signOut")} onClick={() => void signOut()} />;
}
