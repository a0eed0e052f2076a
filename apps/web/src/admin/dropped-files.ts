/** Files out of a drop or a picker, folders walked; hidden files of the system are left out. */
export interface NamedFile {
  readonly file: File;
  /** With its folders, when it came in one. */
  readonly name: string;
}

const isHidden = (path: string) => path.split("/").some((part) => part.startsWith(".") || part === "Thumbs.db");

export const pickedFiles = (files: FileList | null): NamedFile[] =>
  [...(files ?? [])]
    .map((file) => ({ file, name: file.webkitRelativePath === "" ? file.name : file.webkitRelativePath }))
    .filter(({ name }) => !isHidden(name));

export async function droppedFiles(transfer: DataTransfer): Promise<NamedFile[]> {
  // The entries must be taken before the first await: the transfer is emptied after the event.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files: NamedFile[] = [];
  for (const entry of entries) await walk(entry, "", files);
  return files.filter(({ name }) => !isHidden(name));
}

async function walk(entry: FileSystemEntry, folder: string, into: NamedFile[]): Promise<void> {
  const name = `${folder}${entry.name}`;
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    into.push({ file, name });
  } else if (isFolder(entry)) {
    const reader = entry.createReader();
    // Each call gives at most a hundred entries; an empty batch is the end.
    for (;;) {
      const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (batch.length === 0) return;
      for (const child of batch) await walk(child, `${name}/`, into);
    }
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
