/** Asks the chat to summarise one document, and goes there. */
import { useNavigate } from "@tanstack/react-router";
import { ScrollText } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { drop, NEW } from "./live-answers.ts";
import { useAsk } from "./use-chat.ts";

interface SummariseButtonProps {
  document: { readonly id: string; readonly name: string; readonly collectionId: string };
}

export function SummariseButton({ document }: SummariseButtonProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const ask = useAsk();
  return (
    <Button
      icon={ScrollText}
      onClick={() => {
        drop(NEW);
        void navigate({ to: "/" }).then(() =>
          ask({
            conversationId: undefined,
            question: t("chat.summariseQuestion", { name: document.name }),
            collections: [document.collectionId],
            documentIds: [document.id],
            replaces: null,
          }),
        );
      }}
    >
      {t("chat.summarise")}
    </Button>
  );
}
