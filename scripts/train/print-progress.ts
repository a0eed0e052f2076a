import type { TrainingProgress } from "@lorekeep/tune";

/** A line on stderr for every validation and every so many steps. */
export const printProgress =
  (everySteps: number) =>
  (progress: TrainingProgress): void => {
    if (progress.type === "validation") {
      console.error(`step ${progress.step}: validation loss ${progress.loss.toFixed(4)}`);
    } else if (progress.step % everySteps === 0) {
      const { step, steps, smoothedLoss, tokensPerSecond, etaSeconds, rssBytes } = progress;
      console.error(
        `step ${step}/${steps} loss ${smoothedLoss?.toFixed(3)} · ${tokensPerSecond.toFixed(0)} tok/s · ${Math.round(etaSeconds)} s left · ${Math.round(rssBytes / 1e6)} MB`,
      );
    }
  };
