/**
 * Files made to exhaust whoever reads them: loops and recursion in PDFs, archives that unpack to far more than they are, and
 * pictures of absurd size. Small on disk and made in milliseconds, so that no bomb lies in the repository.
 */
import { deflateRawSync, deflateSync } from "node:zlib";
import { zip, type ZipFile } from "../../../../fixtures/documents/make-zip.ts";

type PdfObject = string | Buffer;
const CATALOG = "<< /Type /Catalog /Pages 2 0 R >>";
const ONE_PAGE = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
const FONT = "<< /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>";
const HELLO = "BT /F1 12 Tf 72 700 Td (Harbour office hours) Tj ET";
const page = (resources = "", contents = "4 0 R"): string =>
  `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${contents} /Resources << /Font ${FONT} ${resources} >> >>`;
const stream = (body: string | Buffer, entries = ""): Buffer => {
  const bytes = Buffer.from(body as string, "latin1");
  return Buffer.concat([
    Buffer.from(`<< ${entries} /Length ${bytes.length} >>\nstream\n`, "latin1"),
    bytes,
    Buffer.from("\nendstream", "latin1"),
  ]);
};

/** Objects numbered from 1, the first of which is the catalog; `trailer` adds entries. */
function pdfOf(objects: readonly PdfObject[], trailer = ""): Buffer {
  const parts: Buffer[] = [Buffer.from("%PDF-1.5\n", "latin1")];
  const offsets: number[] = [];
  let position = parts[0]!.length;
  for (const [at, object] of objects.entries()) {
    const bytes = Buffer.concat([
      Buffer.from(`${at + 1} 0 obj\n`, "latin1"),
      Buffer.from(object as string, "latin1"),
      Buffer.from("\nendobj\n", "latin1"),
    ]);
    offsets.push(position);
    position += bytes.length;
    parts.push(bytes);
  }
  const rows = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  parts.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer.replace("SELF", String(position))} >>\nstartxref\n${position}\n%%EOF\n`,
      "latin1",
    ),
  );
  return Buffer.concat(parts);
}

/** Forms that each draw the next one `fanOut` times: fanOut^depth drawings. */
function formBomb(depth: number, fanOut: number): Buffer {
  const forms = Array.from({ length: depth }, (_, at) =>
    stream(
      at === depth - 1 ? HELLO : "/X Do ".repeat(fanOut),
      `/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font ${FONT} /XObject << /X ${6 + at} 0 R >> >>`,
    ),
  );
  return pdfOf([CATALOG, ONE_PAGE, page("/XObject << /X 5 0 R >>"), stream(`${HELLO} /X Do`), ...forms]);
}

/** Deflated twice: a few kilobytes for `bytes` blanks. */
function contentBomb(bytes: number): Buffer {
  const packed = deflateSync(deflateSync(Buffer.alloc(bytes, " "), { level: 9 }), { level: 9 });
  return pdfOf([CATALOG, ONE_PAGE, page(), stream(packed, "/Filter [/FlateDecode /FlateDecode]")]);
}

const picture = (side: number): Buffer =>
  stream(
    deflateSync(Buffer.alloc(1_000_000)),
    `/Type /XObject /Subtype /Image /Width ${side} /Height ${side} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode`,
  );

export const HOSTILE_PDFS: Readonly<Record<string, () => Buffer>> = {
  "a page tree that is its own child": () => pdfOf([CATALOG, "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"]),
  "two page tree nodes that hold each other": () =>
    pdfOf([
      CATALOG,
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 3 0 R] /Count 1 >>",
    ]),
  "two thousand million claimed pages": () =>
    pdfOf([CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>", page(), stream(HELLO)]),
  "a form that draws itself": () =>
    pdfOf([
      CATALOG,
      ONE_PAGE,
      page("/XObject << /X 5 0 R >>"),
      stream(`${HELLO} /X Do`),
      stream("/X Do /X Do", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>"),
    ]),
  "forms that draw forms, ten to the tenth times": () => formBomb(10, 10),
  "a stream whose length is the stream": () =>
    pdfOf([CATALOG, ONE_PAGE, page(), `<< /Length 4 0 R >>\nstream\n${HELLO}\nendstream`]),
  "a reference to itself": () => pdfOf([CATALOG, ONE_PAGE, page("", "5 0 R"), stream(HELLO), "5 0 R"]),
  "a cross-reference table that comes before itself": () =>
    pdfOf([CATALOG, ONE_PAGE, page(), stream(HELLO)], "/Prev SELF"),
  "an outline whose items follow themselves": () =>
    pdfOf([
      "<< /Type /Catalog /Pages 2 0 R /Outlines 5 0 R >>",
      ONE_PAGE,
      page(),
      stream(HELLO),
      "<< /Type /Outlines /First 6 0 R /Last 6 0 R /Count 1 >>",
      "<< /Title (A) /Parent 5 0 R /Next 6 0 R /First 6 0 R /Dest [3 0 R /Fit] >>",
    ]),
  "a hundred thousand arrays in each other": () =>
    pdfOf(
      [CATALOG, ONE_PAGE, page("", "4 0 R"), stream(HELLO), `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
      "/Info 5 0 R",
    ),
  "four hundred megabytes of blanks, deflated twice": () => contentBomb(400_000_000),
  "a page of a thousand million points a side": () =>
    pdfOf([CATALOG, ONE_PAGE, page().replace("595 842", "999999999 999999999"), stream(HELLO)]),
  "a picture of ten thousand million pixels": () =>
    pdfOf([
      CATALOG,
      ONE_PAGE,
      page("/XObject << /X 5 0 R >>"),
      stream(`${HELLO} q 400 0 0 400 0 0 cm /X Do Q`),
      picture(100_000),
    ]),
};

const TYPES = (part: string, kind: string, more = ""): ZipFile => ({
  name: "[Content_Types].xml",
  content: `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/${part}" ContentType="application/vnd.openxmlformats-officedocument.${kind}.main+xml"/>${more}</Types>`,
});
const RELATIONS = (target: string): ZipFile => ({
  name: "_rels/.rels",
  content: `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="${target}"/></Relationships>`,
});
const ENTITIES = `<!DOCTYPE bomb [<!ENTITY a "${"ha".repeat(500)}">${"bcdefghi"
  .split("")
  .map((name, at) => `<!ENTITY ${name} "${`&${"abcdefgh"[at]};`.repeat(10)}">`)
  .join("")}]>`;

/** A workbook of these parts; shared strings and rows come as XML of their own. */
export function workbook({
  strings = "",
  rows = "",
  doctype = "",
}: {
  strings?: string;
  rows?: string;
  doctype?: string;
}): Buffer {
  const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  return zip([
    TYPES(
      "xl/workbook.xml",
      "spreadsheetml.sheet",
      `<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>`,
    ),
    RELATIONS("xl/workbook.xml"),
    {
      name: "xl/workbook.xml",
      content: `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
    },
    {
      name: "xl/_rels/workbook.xml.rels",
      content: `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    },
    {
      name: "xl/worksheets/sheet1.xml",
      content: `<worksheet xmlns="${main}"><sheetData>${rows}</sheetData></worksheet>`,
    },
    { name: "xl/sharedStrings.xml", content: `<?xml version="1.0"?>${doctype}<sst xmlns="${main}">${strings}</sst>` },
  ]);
}

export function wordFile(body: string, doctype = "", extra: readonly ZipFile[] = []): Buffer {
  const main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
  return zip([
    TYPES("word/document.xml", "wordprocessingml.document"),
    RELATIONS("word/document.xml"),
    {
      name: "word/document.xml",
      content: `<?xml version="1.0"?>${doctype}<w:document xmlns:w="${main}"><w:body><w:p><w:r><w:t>${body}</w:t></w:r></w:p></w:body></w:document>`,
    },
    ...extra,
  ]);
}

export function book(title: string, doctype = "", extra: readonly ZipFile[] = []): Buffer {
  return zip([
    { name: "mimetype", content: "application/epub+zip", stored: true },
    {
      name: "META-INF/container.xml",
      content: `<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>`,
    },
    {
      name: "b.opf",
      content: `<?xml version="1.0"?>${doctype}<package><metadata><title>${title}</title></metadata><manifest><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="c"/></spine></package>`,
    },
    { name: "c.xhtml", content: `<?xml version="1.0"?>${doctype}<html><body><p>Harbour ${title}</p></body></html>` },
    ...extra,
  ]);
}

/** A PNG that claims to be 60,000 pixels on each side. */
export function pixelBomb(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(60_000, 0);
  header.writeUInt32BE(60_000, 4);
  header.set([8, 6], 8);
  const chunk = (name: string, body: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, Buffer.from(name, "latin1"), body, Buffer.alloc(4)]);
  };
  const pixels = deflateSync(Buffer.alloc(4_000_000), { level: 9 });
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** The last of the entities: the laughter of all. */
const LAUGH = "&i;";
/** Many short ones: each becomes an object. */
const shortStrings = (count: number): string => "<si><t>a</t></si>".repeat(count);
/** One cell at the far right of each row. */
const farCells = (count: number): string =>
  Array.from({ length: count }, (_, at) => `<row r="${at + 1}"><c r="XFD${at + 1}" t="n"><v>1</v></c></row>`).join("");

const sharedCells = (count: number): string =>
  Array.from({ length: count }, (_, at) => `<row r="${at + 1}"><c r="A${at + 1}" t="s"><v>0</v></c></row>`).join("");

/** Of a zip, its directory's claims changed: entry count, or the attributes of the entry named. */
export function withClaims(archive: Buffer, claims: { entries?: number; symlink?: string }): Buffer {
  const changed = Buffer.from(archive);
  const end = changed.length - 22;
  if (claims.entries !== undefined) changed.writeUInt16LE(claims.entries, end + 10);
  if (claims.symlink !== undefined) {
    const directory = changed.readUInt32LE(end + 16);
    const name = changed.indexOf(claims.symlink, directory, "latin1");
    changed.writeUInt8(3, name - 41); // made on Unix …
    changed.writeUInt32LE(0xa1ff0000, name - 8); // … a symbolic link
  }
  return changed;
}

/** `count` empty entries, as zip64 when they are more than a plain directory can count; made without a list of them. */
export function manyEntries(count: number): Buffer {
  const parts: Buffer[] = [];
  const local = Buffer.alloc(36);
  local.write("PK\u0003\u0004\u0014", 0, "latin1");
  local.writeUInt16LE(6, 26);
  const central = Buffer.alloc(52);
  central.write("PK\u0001\u0002\u0014\u0000\u0014", 0, "latin1");
  central.writeUInt16LE(6, 28);
  parts.push(local.fill("a00000", 30, 36, "latin1"));
  const directory = Buffer.alloc(52 * count);
  for (let at = 0; at < count; at += 1) {
    central.copy(directory, 52 * at);
    directory.write(at.toString(36).padStart(6, "0"), 52 * at + 46, "latin1");
  }
  parts.push(directory);
  const size = 52 * count;
  const end64 = Buffer.alloc(56);
  end64.write("PK\u0006\u0006", 0, "latin1");
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(BigInt(count), 24);
  end64.writeBigUInt64LE(BigInt(count), 32);
  end64.writeBigUInt64LE(BigInt(size), 40);
  end64.writeBigUInt64LE(36n, 48);
  const locator = Buffer.alloc(20);
  locator.write("PK\u0006\u0007", 0, "latin1");
  locator.writeBigUInt64LE(BigInt(36 + size), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22, 0xff);
  end.write("PK\u0005\u0006", 0, "latin1");
  end.writeUInt32LE(0, 4);
  end.writeUInt16LE(0, 20);
  return Buffer.concat([...parts, end64, locator, end]);
}

/** A sheet that claims four gigabytes, or one of a hundred megabytes that claims a kilobyte. */
export function hugeSheet(claim: "honest" | "lying"): Buffer {
  const archive = workbook({ rows: " ".repeat(1_000) });
  const name = "xl/worksheets/sheet1.xml";
  const directory = archive.readUInt32LE(archive.length - 6);
  const entry = archive.indexOf(name, directory, "latin1") - 46;
  if (claim === "honest") {
    archive.writeUInt32LE(4_000_000_000, entry + 24);
    return archive;
  }
  const offset = archive.readUInt32LE(entry + 42);
  const dataAt = offset + 30 + name.length;
  const packed = deflateRawSync(Buffer.alloc(100_000_000, " "));
  const before = archive.subarray(0, dataAt);
  const after = Buffer.from(archive.subarray(directory));
  before.writeUInt32LE(packed.length, offset + 18);
  after.writeUInt32LE(packed.length, entry - directory + 20);
  after.writeUInt32LE(dataAt + packed.length, after.length - 6);
  // Entries behind the sheet are gone with their bytes: only what comes before it counts.
  return Buffer.concat([before, packed, after]);
}

export const HOSTILE_ARCHIVES: Readonly<Record<string, () => Buffer>> = {
  "a million entries": () => manyEntries(1_000_000),
  "a sheet that says it is gigabytes": () => hugeSheet("honest"),
  "a sheet that is a hundred megabytes and says it is a kilobyte": () => hugeSheet("lying"),
  "a million equal shared strings": () => workbook({ strings: shortStrings(1_000_000), rows: farCells(10) }),
  "one long shared string, shown a hundred times": () =>
    workbook({ strings: `<si><t>${"x".repeat(1_000_000)}</t></si>`, rows: sharedCells(100) }),
  "ten thousand rows with one cell at the far right": () => workbook({ rows: farCells(10_000) }),
  "entities in shared strings": () =>
    workbook({
      doctype: ENTITIES,
      strings: `<si><t>${LAUGH}</t></si>`,
      rows: '<row r="1"><c r="A1" t="s"><v>0</v></c></row>',
    }),
  "entities in a Word file": () => wordFile(`Harbour ${LAUGH}`, ENTITIES),
  "entities in a book": () => book(LAUGH, ENTITIES),
  "a Word file whose text is a symbolic link": () =>
    withClaims(wordFile("/etc/passwd"), { symlink: "word/document.xml" }),
  "a Word file with a picture of 60,000 pixels a side": () =>
    wordFile("Harbour office hours", "", [{ name: "word/media/a.png", content: pixelBomb() }]),
  "a book with a picture of 60,000 pixels a side": () =>
    book("office hours", "", [{ name: "a.png", content: pixelBomb() }]),
  "archives in archives": () => {
    let inner = zip([{ name: "a.txt", content: "x".repeat(1_000_000) }]);
    for (let level = 0; level < 6; level += 1)
      inner = zip(Array.from({ length: 16 }, (_, at) => ({ name: `${at}.zip`, content: inner })));
    return inner;
  },
};
