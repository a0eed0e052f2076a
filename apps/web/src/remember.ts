/** Small choices that outlive a reload (theme, language, last collections). Storage may be off: then nothing is kept. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(`lorekeep.${key}`);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`lorekeep.${key}`);
    else localStorage.setItem(`lorekeep.${key}`, value);
  } catch {
    // Private mode or a full disk: the choice lasts for this page.
  }
}

/** A remembered JSON list of strings; anything else counts as none. */
export function recallList(key: string): string[] {
  try {
    const value: unknown = JSON.parse(recall(key) ?? "[]");
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  } catch {
    return [];
  }
}
