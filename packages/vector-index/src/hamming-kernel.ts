/**
 * The one inner loop that plain JavaScript cannot do well: how many bits differ between a query and many codes. A
 * WebAssembly function of some 100 bytes, written down here as instructions rather than shipped as a binary.
 *
 * distances(codes, count, query, stride, out): `count` codes of `stride` bytes (a multiple of 16) from address `codes`;
 * writes one 16-bit count per code to `out`. In words, for each code:
 *   sum ← 0; for each 16 bytes: sum += pairwise 16-bit sums of popcount(code XOR query); out ← sum of the eight lanes
 *
 * Format: https://webassembly.github.io/spec/core/binary/ (SIMD opcodes have the prefix 0xfd).
 */
const I32 = 0x7f;
const V128 = 0x7b;

const CODES = 0;
const COUNT = 1;
const QUERY = 2;
const STRIDE = 3;
const OUT = 4;
const END = 5;
const AT = 6;
const SUM = 7;

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const i32 = (value: number) => [0x41, value]; // values below 64 only: one byte of LEB128
const add = 0x6a;
const simd = (opcode: number) => [0xfd, ...(opcode < 0x80 ? [opcode] : [(opcode & 0x7f) | 0x80, opcode >> 7])];
const load128 = [...simd(0x00), 0, 0];
const xor = simd(0x51);
const popcountBytes = simd(0x62);
const pairsTo16 = simd(0x7d); // i16x8.extadd_pairwise_i8x16_u
const add16 = simd(0x8e);
const pairsTo32 = simd(0x7f); // i32x4.extadd_pairwise_i16x8_u
const lane = (index: number) => [...simd(0x1b), index]; // i32x4.extract_lane
const EMPTY = 0x40;

const body = [
  ...[...get(CODES), ...get(COUNT), ...get(STRIDE), 0x6c, add, ...set(END)], // 0x6c: i32.mul
  ...[0x02, EMPTY, 0x03, EMPTY], // block, loop: one turn per code
  ...[...get(CODES), ...get(END), 0x4f, 0x0d, 1], // codes ≥ end (unsigned): leave the block
  ...[...simd(0x0c), ...new Array<number>(16).fill(0), ...set(SUM)], // v128.const 0
  ...[...i32(0), ...set(AT)],
  ...[0x03, EMPTY], // loop: one turn per 16 bytes
  ...[...get(SUM), ...get(CODES), ...get(AT), add, ...load128, ...get(QUERY), ...get(AT), add, ...load128],
  ...[...xor, ...popcountBytes, ...pairsTo16, ...add16, ...set(SUM)],
  ...[...get(AT), ...i32(16), add, 0x22, AT, ...get(STRIDE), 0x49, 0x0d, 0], // at += 16; again while at < stride
  0x0b,
  ...[...get(SUM), ...pairsTo32, ...set(SUM), ...get(OUT)],
  ...[
    ...get(SUM),
    ...lane(0),
    ...get(SUM),
    ...lane(1),
    add,
    ...get(SUM),
    ...lane(2),
    add,
    ...get(SUM),
    ...lane(3),
    add,
  ],
  ...[0x3b, 1, 0], // i32.store16
  ...[...get(OUT), ...i32(2), add, ...set(OUT), ...get(CODES), ...get(STRIDE), add, ...set(CODES)],
  ...[0x0c, 0, 0x0b, 0x0b], // next code; ends of loop and block
  0x0b,
];

/** A length below 2^14 before its bytes. */
const sized = (bytes: number[]) => [(bytes.length & 0x7f) | 0x80, bytes.length >> 7, ...bytes];
const section = (id: number, bytes: number[]) => [id, ...sized(bytes)];
const text = (value: string) => [value.length, ...Buffer.from(value, "latin1")];

const moduleBytes = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]), // one function type: five integers → nothing
  ...section(2, [1, ...text("env"), ...text("memory"), 2, 0, 0]), // import a memory of at least 0 pages
  ...section(3, [1, 0]),
  ...section(7, [1, ...text("distances"), 0, 0]),
  ...section(10, [1, ...sized([2, 2, I32, 1, V128, ...body])]), // two integer locals and one vector
]);

/** Growing makes `buffer` another one: take it anew for every use. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
// The part of WebAssembly used here: TypeScript knows it only together with the browser's types.
declare const WebAssembly: {
  readonly Memory: new (options: { initial: number }) => KernelMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly distances: Distances } };
};

/** Addresses and lengths in bytes. */
export type Distances = (codes: number, count: number, query: number, stride: number, out: number) => void;
export const PAGE_BYTES = 65_536;

/** A memory of at least so many bytes, and the kernel over it. */
export function openKernel(bytes: number): { memory: KernelMemory; distances: Distances } {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes), { env: { memory } });
  return { memory, distances: exports.distances };
}
