import { store } from '../app/store.ts';

/** Something to tell the user, above the page. */
export interface Flash {
  id: string;
  type: 'success' | 'error' | 'info' | 'warning';
  header?: string | undefined;
  content: string;
  requestId?: string | undefined;
  /** The same, as an `aws` command to copy. */
  command?: string | undefined;
}

const KEPT = 5;
/** Good news goes by itself. */
const GOES_MS = 12_000;

const flashes = store<readonly Flash[]>([]);
let last = 0;

export function flash(told: Omit<Flash, 'id'>) {
  last += 1;
  const id = `flash-${last}`;
  flashes.set([{ id, ...told }, ...flashes.now()].slice(0, KEPT));
  if (told.type === 'success' || told.type === 'info') setTimeout(() => dismiss(id), GOES_MS);
}

export const dismiss = (id: string) =>
  flashes.set(flashes.now().filter((flash) => flash.id !== id));

/** What one was told is nothing that the next may read. */
export const forgetFlashes = () => flashes.set([]);

/** For `.catch`: `act` has said it already. */
export const said = () => undefined;

export const useFlashes = flashes.use;
