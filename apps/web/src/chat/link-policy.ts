/**
 * What may become of an address that stands in an answer or a document. Nothing is ever fetched from it: an address
 * outside shows its host and asks before leaving. Anything else is text: a relative address means nothing here, and one
 * of our own could make the reader's session ask for something.
 */
export type LinkFate =
  { readonly kind: "outside"; readonly href: string; readonly host: string } | { readonly kind: "text" };

const OUTSIDE = new Set(["http:", "https:", "mailto:"]);

export function judgeLink(address: string | undefined, origin: string): LinkFate {
  if (address === undefined || address.trim() === "") return { kind: "text" };
  let url: URL;
  try {
    url = new URL(address, origin);
  } catch {
    return { kind: "text" };
  }
  if (!OUTSIDE.has(url.protocol)) return { kind: "text" };
  if (url.protocol === "mailto:") return { kind: "outside", href: url.href, host: url.pathname };
  if (url.username !== "" || url.password !== "") return { kind: "text" };
  if (url.origin === origin) return { kind: "text" };
  return { kind: "outside", href: url.href, host: url.host };
}
