/** Zip-based documents: what an archive holds decides what it is, never its name. */
import { AppError, type ParsedDocument } from "@lorekeep/core";
import { FORMATS, unsupported } from "../sniff.ts";
import { assemble } from "./assemble.ts";
import { openZip, type ZipArchive } from "./zip.ts";

type Progress = (done: number, total: number | null) => void;

/** Throws document_bomb, document_encrypted, document_corrupt, document_format_unsupported, document_no_text. */
export async function parseArchive(bytes: Buffer, onProgress: Progress): Promise<ParsedDocument> {
  const zip = await openZip(bytes);
  try {
    switch (await archiveFormat(zip)) {
      case "docx":
        return assemble(await (await import("./docx.ts")).parseDocx(zip), FORMATS.docx);
      case "xlsx":
        return assemble(await (await import("./xlsx.ts")).parseXlsx(zip, onProgress), FORMATS.xlsx);
      case "epub":
        return assemble(await (await import("./epub.ts")).parseEpub(zip, onProgress), FORMATS.epub);
    }
  } finally {
    zip.close();
  }
}

async function archiveFormat(zip: ZipArchive): Promise<"docx" | "xlsx" | "epub"> {
  if (zip.names.length === 0) throw new AppError("document_empty", "The file is an empty archive.");
  const types = (await zip.read("[Content_Types].xml"))?.toString("utf8") ?? "";
  if (/wordprocessingml\.(?:document|template)\.main|ms-word\.(?:document|template)\.macroEnabled\.main/i.test(types))
    return "docx";
  if (
    /spreadsheetml\.(?:sheet|template)\.main|ms-excel\.(?:sheet|template)(?:\.binary)?\.macroEnabled\.main/i.test(types)
  )
    return "xlsx";
  if (/presentationml/i.test(types)) throw unsupported("a PowerPoint presentation", "application/vnd.ms-powerpoint");
  const mimetype = (await zip.read("mimetype"))?.toString("latin1").trim() ?? "";
  if (mimetype === FORMATS.epub || (mimetype === "" && zip.has("META-INF/container.xml"))) return "epub";
  if (/opendocument/.test(mimetype)) throw unsupported("an OpenDocument file", mimetype.slice(0, 100));
  throw unsupported("a ZIP archive", "application/zip");
}
