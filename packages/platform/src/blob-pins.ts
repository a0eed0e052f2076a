/** Blobs whose row is about to be committed: the purge of this process leaves them alone until then. */
export interface BlobPins {
  pin(sha256: string): () => void;
  isPinned(sha256: string): boolean;
}

export function blobPins(): BlobPins {
  const counts = new Map<string, number>();
  return {
    pin: (sha256) => {
      counts.set(sha256, (counts.get(sha256) ?? 0) + 1);
      return () => {
        const left = (counts.get(sha256) ?? 1) - 1;
        if (left > 0) counts.set(sha256, left);
        else counts.delete(sha256);
      };
    },
    isPinned: (sha256) => counts.has(sha256),
  };
}
