/** Refusal curves as the doors see them. */
import type { Job, RefusalCurveState } from "@lorekeep/core";
import type { Actor } from "../actor.ts";

export type RefusalCurveView = Omit<RefusalCurveState, "job"> & { readonly job: Job | null };

/** Every method demands scope `admin`; `collection` is an id or a name. */
export interface RefusalCurves {
  state(actor: Actor, collection: string): Promise<RefusalCurveView>;
  /** Starts measuring, or joins the run there is. Throws conflict when there is nothing to ask. */
  make(actor: Actor, collection: string): Promise<RefusalCurveView>;
}
