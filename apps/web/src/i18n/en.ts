import { enAdapt } from "./en-adapt.ts";
import { enAdmin } from "./en-admin.ts";
import { enChat } from "./en-chat.ts";
import { enEvaluation } from "./en-evaluation.ts";
import { enFilter } from "./en-filter.ts";
import { enRefusal } from "./en-refusal.ts";
import { enShell } from "./en-shell.ts";

/** The reference language: a key that is missing elsewhere, or used and missing here, fails the type check. */
export const en = { ...enShell, ...enChat, ...enAdmin, ...enAdapt, ...enEvaluation, ...enFilter, ...enRefusal };
