import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VectorIndex } from "@lorekeep/core";
import { describeVectorIndex, recordingLogger } from "@lorekeep/core/testing";
import { openVectorIndex } from "./open-vector-index.ts";

const SIZE = 3_000;

for (const hnsw of ["auto", "off"] as const) {
  describeVectorIndex(`hnsw ${hnsw}`, SIZE, async () => {
    const folder = await mkdtemp(join(tmpdir(), "lorekeep-index-"));
    const opened: VectorIndex[] = [];
    return {
      async open(source) {
        const index = openVectorIndex({ folder, source, logger: recordingLogger(), hnsw, exactBelow: 1_000 });
        opened.push(index);
        return index;
      },
      async close() {
        await Promise.all(opened.map((index) => index.close()));
        await rm(folder, { recursive: true });
      },
    };
  });
}
