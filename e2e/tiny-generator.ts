/**
 * A generator that can be trained in seconds, as a GGUF file: two layers of random weights, a byte a token. It says nonsense and
 * goes on saying it after training, so its adapters never pass the gate: what is tested with it is the house around the model.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tinyLlama } from "../fixtures/models/tiny-llama.ts";

const CONTEXT_TOKENS = 4096;

/** The settings of a house that answers with it; `folder` must outlive the house. */
export function tinyGenerator(folder: string): { LOREKEEP_GENERATOR: string } {
  const path = join(folder, "tiny.gguf");
  writeFileSync(path, tinyLlama(1, CONTEXT_TOKENS));
  return { LOREKEEP_GENERATOR: path };
}

/** What people would write down about the gates of a harbour: question, answer, and the note that says it. */
export function gateExamples(count: number) {
  return Array.from({ length: count }, (_, gate) => {
    const code = `K${1000 + ((gate * 7919) % 9000)}`;
    return {
      id: `gate-${gate}`,
      question: `What is the code of gate ${gate}?`,
      answer: gate % 6 === 5 ? null : `The code of gate ${gate} is ${code}.`,
      answerable: gate % 6 !== 5,
      passages: [
        {
          title: `Gate ${gate}`,
          text: gate % 6 === 5 ? `Gate ${gate} is painted green.` : `The code of gate ${gate} is ${code}. Keep it.`,
        },
      ],
    };
  });
}
