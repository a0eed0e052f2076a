/**
 * The one inner loop that plain JavaScript cannot do well: dot products of 8-bit vectors. A WebAssembly function of some
 * 150 bytes, written down here as instructions rather than shipped as a binary.
 *
 * scores(codes, count, query, stride, scales, out): `count` codes of `stride` signed bytes (a multiple of 16) from address
 * `codes`; the query as `stride` signed 16-bit numbers; one 32-bit float per code in `scales`; writes one to `out`. In
 * words, for each code:
 *   sum ← 0 in four lanes; for each 16 bytes: sum += dot of the first 8 and of the last 8, widened to 16 bits;
 *   out ← scale · (sum of the lanes)
 * No sum overflows below 130 000 dimensions (127² per product).
 *
 * Format: https://webassembly.github.io/spec/core/binary/ (SIMD opcodes have the prefix 0xfd).
 */
const I32 = 0x7f;
const V128 = 0x7b;
const EMPTY = 0x40;

const [CODES, COUNT, QUERY, STRIDE, SCALES, OUT, END, ROW_END, AT, SUM] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const simd = (opcode: number) => [0xfd, ...(opcode < 0x80 ? [opcode] : [(opcode & 0x7f) | 0x80, opcode >> 7])];
const add = 0x6a;
/** local += bytes; below 64, one byte of LEB128. */
const advance = (local: number, bytes: number) => [...get(local), 0x41, bytes, add, ...set(local)];
const bytesAs16Bits = (offset: number) => [...simd(0x01), 0, offset]; // v128.load8x8_s
const load128 = (offset: number) => [...simd(0x00), 0, offset];
const dot16 = simd(0xba); // i32x4.dot_i16x8_s
const addLanes = simd(0xae); // i32x4.add
const lane = (index: number) => [...get(SUM), ...simd(0x1b), index]; // i32x4.extract_lane

const eightProducts = (codeOffset: number, queryOffset: number) => [
  ...[...get(SUM), ...get(CODES), ...bytesAs16Bits(codeOffset), ...get(AT), ...load128(queryOffset)],
  ...[...dot16, ...addLanes, ...set(SUM)],
];

const body = [
  ...[...get(CODES), ...get(COUNT), ...get(STRIDE), 0x6c, add, ...set(END)], // 0x6c: i32.mul
  ...[0x02, EMPTY, 0x03, EMPTY], // block, loop: one turn per code
  ...[...get(CODES), ...get(END), 0x4f, 0x0d, 1], // codes ≥ end (unsigned): leave the block
  ...[...get(CODES), ...get(STRIDE), add, ...set(ROW_END)],
  ...[...get(QUERY), ...set(AT)],
  ...[...simd(0x0c), ...new Array<number>(16).fill(0), ...set(SUM)], // v128.const 0
  ...[0x03, EMPTY], // loop: one turn per 16 bytes
  ...[...eightProducts(0, 0), ...eightProducts(8, 16)],
  ...[...advance(AT, 32), ...advance(CODES, 16), ...get(CODES), ...get(ROW_END), 0x49, 0x0d, 0], // again while below
  0x0b,
  ...[...get(OUT), ...lane(0), ...lane(1), add, ...lane(2), add, ...lane(3), add],
  ...[0xb2, ...get(SCALES), 0x2a, 2, 0, 0x94, 0x38, 2, 0], // f32: convert, load scale, multiply, store
  ...[...advance(OUT, 4), ...advance(SCALES, 4)],
  ...[0x0c, 0, 0x0b, 0x0b], // next code; ends of loop and block
  0x0b,
];

/** A length below 2^14 before its bytes. */
const sized = (bytes: number[]) => [(bytes.length & 0x7f) | 0x80, bytes.length >> 7, ...bytes];
const section = (id: number, bytes: number[]) => [id, ...sized(bytes)];
const text = (value: string) => [value.length, ...Buffer.from(value, "latin1")];

const moduleBytes = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 6, I32, I32, I32, I32, I32, I32, 0]), // one function type: six integers → nothing
  ...section(2, [1, ...text("env"), ...text("memory"), 2, 0, 0]), // import a memory of at least 0 pages
  ...section(3, [1, 0]),
  ...section(7, [1, ...text("scores"), 0, 0]),
  ...section(10, [1, ...sized([2, 3, I32, 1, V128, ...body])]), // three integer locals and one vector
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
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly scores: Scores } };
};

/** Addresses in bytes; `query`, `scales` and `out` are multiples of 4. */
export type Scores = (codes: number, count: number, query: number, stride: number, scales: number, out: number) => void;
export const PAGE_BYTES = 65_536;

/** Compiled once per thread. */
let compiled: object | undefined;

/** A memory of at least so many bytes, and the kernel over it. */
export function openKernel(bytes: number): { memory: KernelMemory; scores: Scores } {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  compiled ??= new WebAssembly.Module(moduleBytes);
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { memory, scores: exports.scores };
}
