/**
 * DOCX by way of mammoth (BSD-2): styles become headings, lists and tables of HTML, and the HTML walker makes blocks of it.
 * Headers and footers are not part of the text; foot- and endnotes follow it. Images are never opened.
 */
import mammoth from "mammoth";
import { parse } from "parse5";
import type { DraftDocument } from "./draft.ts";
import { walkHtml } from "./walk-html.ts";
import { parseXml, nodeOf, xmlText } from "./xml.ts";
import { readEntries, repack, type ZipArchive } from "./zip.ts";

const STYLES = [
  "p[style-name='Title'] => h1:fresh",
  "p[style-name='Subtitle'] => p:fresh",
  "p[style-name='Quote'] => blockquote > p:fresh",
  "p[style-name='Intense Quote'] => blockquote > p:fresh",
  "p[style-name='Code'] => pre:separator('\n')",
  "p[style-name='HTML Preformatted'] => pre:separator('\n')",
  "p[style-name='Source Code'] => pre:separator('\n')",
  "r[style-name='Hidden'] => !",
];

export async function parseDocx(zip: ZipArchive): Promise<DraftDocument> {
  const files = await readEntries(zip, (name) => /\.(?:xml|rels)$/i.test(name));
  const { value } = await mammoth.convertToHtml(
    { buffer: repack(files) },
    {
      styleMap: STYLES,
      convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: "" })),
      externalFileAccess: false,
    },
  );
  const { blocks } = walkHtml(parse(value), { keepFooters: true });
  return { title: titleOf(files), pageCount: null, pages: [{ page: null, label: null, blocks }], warnings: [] };
}

function titleOf(files: ReadonlyMap<string, Buffer>): string | null {
  const core = files.get("docProps/core.xml");
  if (core === undefined) return null;
  const title = xmlText(nodeOf(parseXml(core).coreProperties).title).trim();
  return title === "" ? null : title;
}
