/** Earlier conversations, newest first, in groups by age; rename in place, delete after a question. */
import type { ConversationResponse } from "@lorekeep/core";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import clsx from "clsx";
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useConversations, useDeleteConversation, useRenameConversation } from "../queries.ts";
import { Button } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Menu } from "../ui/menu.tsx";
import { toast } from "../ui/toast.tsx";
import { ageOf, type Age } from "./age-of.ts";
import { drop } from "./live-answers.ts";

export function ConversationList() {
  const { t } = useTranslation();
  const conversations = useConversations();
  const items = conversations.data?.pages.flatMap((page) => page.items) ?? [];
  const groups = Map.groupBy(items, (item) => ageOf(item.updatedAt, new Date()));
  if (conversations.error !== null && items.length === 0)
    return <ErrorNote error={conversations.error} onRetry={() => void conversations.refetch()} />;
  if (conversations.isSuccess && items.length === 0)
    return <p className="px-2.5 py-2 text-[13px] text-muted">{t("chat.noConversations")}</p>;
  return (
    <nav aria-label={t("chat.conversations")} className="flex flex-col gap-4">
      {[...groups].map(([age, list]) => (
        <Group key={age} age={age} list={list} />
      ))}
      {conversations.hasNextPage && (
        <Button size="sm" weight="ghost" onClick={() => void conversations.fetchNextPage()}>
          {t("common.more")}
        </Button>
      )}
    </nav>
  );
}

function Group({ age, list }: { age: Age; list: readonly ConversationResponse[] }) {
  const { t } = useTranslation();
  return (
    <section>
      <h2 className="px-2.5 pb-1 text-xs font-medium text-faint">{t(`chat.age.${age}`)}</h2>
      <ul className="flex flex-col">
        {list.map((conversation) => (
          <Entry key={conversation.id} conversation={conversation} />
        ))}
      </ul>
    </section>
  );
}

function Entry({ conversation }: { conversation: ConversationResponse }) {
  const { t } = useTranslation();
  const { conversationId } = useParams({ strict: false });
  const navigate = useNavigate();
  const remove = useDeleteConversation();
  const [doing, setDoing] = useState<"rename" | "delete" | null>(null);
  const current = conversationId === conversation.id;
  if (doing === "rename") return <RenameEntry conversation={conversation} onDone={() => setDoing(null)} />;
  return (
    <li
      data-testid="conversation"
      className={clsx("group flex items-center rounded-lg", current ? "bg-ink/8" : "hover:bg-ink/5")}
    >
      <Link
        to="/c/$conversationId"
        params={{ conversationId: conversation.id }}
        className={clsx("min-w-0 flex-1 truncate rounded-lg px-2.5 py-2 text-sm", current && "font-medium")}
      >
        {conversation.title}
      </Link>
      <div className="opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100">
        <Menu
          label={t("chat.conversationMenu", { title: conversation.title })}
          icon={Ellipsis}
          items={[
            { label: t("common.rename"), icon: Pencil, onSelect: () => setDoing("rename") },
            { label: t("common.delete"), icon: Trash2, danger: true, onSelect: () => setDoing("delete") },
          ]}
        />
      </div>
      {doing === "delete" && (
        <ConfirmDialog
          danger
          title={t("chat.deleteTitle")}
          body={t("chat.deleteBody", { title: conversation.title })}
          confirmLabel={t("common.delete")}
          onClose={() => setDoing(null)}
          onConfirm={async () => {
            await remove.mutateAsync(conversation.id);
            drop(conversation.id);
            toast(t("chat.deleted"));
            if (current) await navigate({ to: "/" });
          }}
        />
      )}
    </li>
  );
}

function RenameEntry({ conversation, onDone }: { conversation: ConversationResponse; onDone: () => void }) {
  const { t } = useTranslation();
  const rename = useRenameConversation();
  const [title, setTitle] = useState(conversation.title);
  const save = () => {
    const next = title.trim();
    if (next === "" || next === conversation.title) onDone();
    else
      rename.mutate(
        { id: conversation.id, title: next },
        { onSuccess: onDone, onError: () => toast(t("chat.renameFailed")) },
      );
  };
  return (
    <li>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <input
          autoFocus
          value={title}
          maxLength={200}
          aria-label={t("chat.renameLabel")}
          onChange={(event) => setTitle(event.target.value)}
          onBlur={save}
          onFocus={(event) => event.target.select()}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.preventDefault();
            onDone();
          }}
          className="h-9 w-full rounded-lg border border-accent bg-surface px-2.5 text-sm outline-none"
        />
      </form>
    </li>
  );
}
