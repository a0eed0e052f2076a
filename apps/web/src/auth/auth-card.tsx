import type { ReactNode } from "react";
import { LanguageButton, ThemeButton } from "../shell/preferences.tsx";
import { Wordmark } from "../ui/logo.tsx";
import { usePageTitle } from "../ui/page.tsx";

/** The frame of the pages before the login. */
export function AuthCard({ title, lead, children }: { title: string; lead: ReactNode; children: ReactNode }) {
  usePageTitle(title);
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex items-center justify-between px-5 py-4 sm:px-8">
        <Wordmark />
        <div className="flex items-center">
          <LanguageButton />
          <ThemeButton />
        </div>
      </header>
      <main className="mx-auto flex w-full max-w-md flex-1 flex-col justify-center px-5 pt-4 pb-[14vh]">
        <h1 className="font-serif text-3xl leading-tight font-semibold tracking-tight">{title}</h1>
        <div className="mt-2 text-muted">{lead}</div>
        <div className="mt-7">{children}</div>
      </main>
    </div>
  );
}
