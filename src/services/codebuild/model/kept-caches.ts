import { LOCAL_CACHES_BYTES, MOST_LAYER_CACHES, MOST_PROPOSED_CACHES } from '../limits.ts';
import { PROPOSED } from './cache.ts';

interface Cache {
  scope: string;
  kind: string;
  size: number;
}

/** The caches that a server keeps, as far as there is room for more. */
export class KeptCaches {
  #bytes = 0;
  #volumes = 0;
  /** Pull requests' archives, by their projects' scopes. */
  readonly #proposed = new Map<string, number>();

  /** Whether there is room for it beside what was added. */
  fits({ scope, kind, size }: Cache): boolean {
    if (this.#bytes + size > LOCAL_CACHES_BYTES) return false;
    if (kind === 'layers') return this.#volumes < MOST_LAYER_CACHES;
    return !kind.startsWith(PROPOSED) || (this.#proposed.get(scope) ?? 0) < MOST_PROPOSED_CACHES;
  }

  add({ scope, kind, size }: Cache): void {
    this.#bytes += size;
    if (kind === 'layers') this.#volumes += 1;
    if (kind.startsWith(PROPOSED)) this.#proposed.set(scope, (this.#proposed.get(scope) ?? 0) + 1);
  }
}
