/** Puts a floating panel below its anchor, or above when there is no room, within the window. */
export function placeBeside(anchor: Element, panel: HTMLElement, align: "start" | "end" = "end"): void {
  const box = anchor.getBoundingClientRect();
  const below = box.bottom + 4 + panel.offsetHeight < innerHeight;
  const left = align === "end" ? box.right - panel.offsetWidth : box.left;
  panel.style.top = `${below ? box.bottom + 4 : Math.max(8, box.top - 4 - panel.offsetHeight)}px`;
  panel.style.left = `${Math.max(8, Math.min(left, innerWidth - panel.offsetWidth - 8))}px`;
}
