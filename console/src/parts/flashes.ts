import { useSyncExternalStore } from 'react';

/** Something to tell the user, above the page. */
export interface Flash {
  id: string;
  type: 'success' | 'error' | 'info' | 'warning';
  header?: string | undefined;
  content: string;
  requestId?: string | undefined;
  /** The same, as an `aws` command to copy. */
  command?: string | undefined;
  /** Where it leads: a path of the console. */
  link?: { text: string; href: string } | undefined;
}

const KEPT = 5;
/** Good news goes by itself. */
const GOES_MS = 12_000;

let flashes: readonly Flash[] = [];
let last = 0;
const listeners = new Set<() => void>();

function become(next: readonly Flash[]) {
  flashes = next;
  for (const listener of listeners) listener();
}

export function flash(told: Omit<Flash, 'id'>) {
  last += 1;
  const id = `flash-${last}`;
  become([{ id, ...told }, ...flashes].slice(0, KEPT));
  if (told.type === 'success' || told.type === 'info') setTimeout(() => dismiss(id), GOES_MS);
}

export const dismiss = (id: string) => become(flashes.filter((flash) => flash.id !== id));

/** What one was told is nothing that the next may read. */
export const forgetFlashes = () => become([]);

/** For `.catch`: `act` has said it already. */
export const said = () => undefined;

export const useFlashes = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => flashes,
  );
