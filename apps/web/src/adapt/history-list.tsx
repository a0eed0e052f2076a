/** Every change of what answers, newest first. */
import type { Adapter, AdapterHistory, CollectionResponse } from "@lorekeep/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../queries.ts";
import { Button } from "../ui/button.tsx";
import { When } from "../ui/formatted.tsx";
import { Card } from "../ui/page.tsx";
import { adapterLabel, EVERYWHERE } from "./answering-now.ts";
import { useFigureText } from "./use-figure-text.ts";

interface HistoryProps {
  history: AdapterHistory["items"];
  adapters: readonly Adapter[];
  collections: readonly CollectionResponse[];
}

const FIRST = 6;

export function HistoryList({ history, adapters, collections }: HistoryProps) {
  const { t } = useTranslation();
  const figure = useFigureText();
  const [all, setAll] = useState(false);
  const user = useSession().data?.user;
  const actorOf = (actor: string) =>
    actor === user?.id ? user.name : actor === "schedule" ? t("adapt.history.bySchedule") : actor;
  const items = [...history].sort((a, b) => b.at.localeCompare(a.at));
  const placeOf = (id: string) =>
    id === EVERYWHERE
      ? t("adapt.answering.everywhere")
      : (collections.find((collection) => collection.id === id)?.name ?? t("adapt.history.goneCollection"));
  const nameOf = (id: string) => {
    const adapter = adapters.find((candidate) => candidate.id === id);
    return adapter === undefined ? t("adapt.history.goneAdapter") : adapterLabel(adapter);
  };
  return (
    <Card>
      <ol className="divide-y divide-line text-sm">
        {items.slice(0, all ? undefined : FIRST).map((item, index) => (
          <li key={`${item.at}${index}`} className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-5 py-3">
            <span className="w-32 text-[13px] text-muted">
              <When at={item.at} />
            </span>
            <span className="min-w-48 flex-1 break-words">
              <span className="font-medium">{placeOf(item.collectionId)}</span>
              {t("common.colon")}
              {item.adapterId === null
                ? t("adapt.history.off")
                : t("adapt.history.on", {
                    name: nameOf(item.adapterId),
                    scale: figure.value(item.scale, "share"),
                  })}
            </span>
            <span className="text-[13px] text-muted">{actorOf(item.actor)}</span>
          </li>
        ))}
      </ol>
      {items.length > FIRST && !all && (
        <div className="border-t border-line px-3 py-2">
          <Button size="sm" weight="ghost" onClick={() => setAll(true)}>
            {t("common.more")}
          </Button>
        </div>
      )}
    </Card>
  );
}
