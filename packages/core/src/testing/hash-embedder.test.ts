import { describeEmbedder } from "./embedder-contract.ts";
import { hashEmbedder } from "./hash-embedder.ts";

describeEmbedder("hash embedder", async () => hashEmbedder());
