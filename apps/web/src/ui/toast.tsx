/** Short notes at the foot of the page, read out politely; they leave by themselves. */
import { createStore, useStore } from "../external-store.ts";

interface Toast {
  readonly id: number;
  readonly text: string;
}
const STAY_MS = 4500;
const toasts = createStore<readonly Toast[]>([]);
let nextId = 1;

export function toast(text: string): void {
  const id = nextId++;
  toasts.set((list) => [...list.slice(-2), { id, text }]);
  setTimeout(() => toasts.set((list) => list.filter((item) => item.id !== id)), STAY_MS);
}

export function ToastRegion() {
  const list = useStore(toasts);
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-6 z-50 flex flex-col items-center gap-2 px-4"
    >
      {list.map((item) => (
        <p key={item.id} className="rise max-w-full rounded-lg bg-ink px-4 py-2.5 text-sm text-paper shadow-float">
          {item.text}
        </p>
      ))}
    </div>
  );
}
