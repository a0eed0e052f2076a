import type { en } from "./en.ts";
import type { Shape } from "./shape.ts";
import { zhAdapt } from "./zh-adapt.ts";
import { zhAdmin } from "./zh-admin.ts";
import { zhChat } from "./zh-chat.ts";
import { zhEvaluation } from "./zh-evaluation.ts";
import { zhFilter } from "./zh-filter.ts";
import { zhRefusal } from "./zh-refusal.ts";
import { zhShell } from "./zh-shell.ts";

export const zh: Shape<typeof en> = {
  ...zhShell,
  ...zhChat,
  ...zhAdmin,
  ...zhAdapt,
  ...zhEvaluation,
  ...zhFilter,
  ...zhRefusal,
};
