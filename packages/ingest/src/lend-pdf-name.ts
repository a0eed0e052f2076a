/**
 * A large PDF is read from its file: handed over as bytes, the PDF library holds it three times (934 MB against 243 MB for a
 * file of 190 MB). But given a path it goes by the name's ending, and stored originals have none; so the parent, since the
 * child may not write, lends large files a link whose name ends in .pdf.
 */
import { mkdtemp, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const MIN_BYTES = 32_000_000;

/** `pdfPath` is null for small files, which need no link. The link is gone when `use` has ended. */
export async function lendPdfName<Result>(
  path: string,
  use: (pdfPath: string | null) => Promise<Result>,
): Promise<Result> {
  const size = await stat(path).then(
    (found) => found.size,
    // The child reports a file that cannot be read.
    () => 0,
  );
  if (size < MIN_BYTES) return use(null);
  const folder = await mkdtemp(join(tmpdir(), "lorekeep-pdf-"));
  try {
    const link = join(folder, "document.pdf");
    await symlink(resolve(path), link);
    return await use(link);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
