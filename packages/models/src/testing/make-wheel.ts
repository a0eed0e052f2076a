/** Writes a zip of stored files: enough of a wheel for tests. Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
import { writeFile } from "node:fs/promises";
import { crc32 } from "node:zlib";

function header(signature: number, fixed: readonly (readonly [value: number, bytes: 2 | 4])[], tail: Buffer): Buffer {
  const parts = fixed.map(([value, bytes]) => {
    const part = Buffer.alloc(bytes);
    if (bytes === 2) part.writeUInt16LE(value);
    else part.writeUInt32LE(value);
    return part;
  });
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(signature);
  return Buffer.concat([mark, ...parts, tail]);
}

export async function makeWheel(path: string, files: Readonly<Record<string, Buffer>>): Promise<number> {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [name, data] of Object.entries(files)) {
    const nameBytes = Buffer.from(name);
    const shared = [
      [20, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [33, 2],
      [crc32(data), 4],
      [data.length, 4],
      [data.length, 4],
      [nameBytes.length, 2],
      [0, 2],
    ] as const;
    const local = Buffer.concat([header(0x04034b50, shared, nameBytes), data]);
    const rest = [
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 4],
      [offset, 4],
    ] as const;
    centrals.push(header(0x02014b50, [[20, 2], ...shared, ...rest], nameBytes));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const count = centrals.length;
  const end = header(
    0x06054b50,
    [
      [0, 2],
      [0, 2],
      [count, 2],
      [count, 2],
      [directory.length, 4],
      [offset, 4],
      [0, 2],
    ],
    Buffer.alloc(0),
  );
  const bytes = Buffer.concat([...locals, directory, end]);
  await writeFile(path, bytes);
  return bytes.length;
}
