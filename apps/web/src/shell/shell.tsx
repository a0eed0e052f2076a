/** The frame of every page behind the login: skip link, sidebar (a drawer on narrow screens), the page itself. */
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { Menu, SquarePen } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { drop, NEW } from "../chat/live-answers.ts";
import { IconButton } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Logo } from "../ui/logo.tsx";
import { ToastRegion } from "../ui/toast.tsx";
import { useMedia } from "../ui/use-media.ts";
import { Sidebar, usePlace } from "./sidebar.tsx";

export function Shell() {
  const { t } = useTranslation();
  const wide = useMedia("(min-width: 48rem)");
  const place = usePlace();
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#main"
        className="sr-only z-50 rounded-lg bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        {t("nav.skip")}
      </a>
      {wide ? (
        <header className="w-[17rem] shrink-0 border-e border-line">
          <Sidebar />
        </header>
      ) : (
        <header className="flex h-13 shrink-0 items-center gap-2 border-b border-line bg-sunk px-2">
          <Drawer />
          <span className="flex flex-1 items-center justify-center gap-2 font-serif font-semibold">
            <Logo className="size-5" />
            {t(`nav.${place}`)}
          </span>
          {place === "chat" ? (
            <Link
              to="/"
              onClick={() => drop(NEW)}
              aria-label={t("chat.new")}
              title={t("chat.new")}
              className="inline-flex size-10 items-center justify-center rounded-lg text-muted hover:bg-ink/6"
            >
              <SquarePen aria-hidden className="size-[18px]" />
            </Link>
          ) : (
            <span className="size-10" />
          )}
        </header>
      )}
      <main id="main" tabIndex={0} className="relative min-h-0 min-w-0 flex-1 overflow-y-auto">
        <Outlet />
      </main>
      <ToastRegion />
    </div>
  );
}

function Drawer() {
  const { t } = useTranslation();
  const path = useLocation({ select: (location) => location.pathname });
  // The path at which it was opened: going anywhere closes it.
  const [openAt, setOpenAt] = useState<string | null>(null);
  return (
    <>
      <IconButton icon={Menu} label={t("nav.menu")} onClick={() => setOpenAt(path)} />
      {openAt === path && (
        <Dialog title={t("nav.menu")} shape="drawer" bare onClose={() => setOpenAt(null)}>
          <Sidebar />
        </Dialog>
      )}
    </>
  );
}
