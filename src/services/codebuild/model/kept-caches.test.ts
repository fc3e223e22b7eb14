import { expect, test } from 'vitest';
import { LOCAL_CACHES_BYTES, MOST_LAYER_CACHES, MOST_PROPOSED_CACHES } from '../limits.ts';
import { KeptCaches } from './kept-caches.ts';

const many = (length: number, kind: (index: number) => string, scope = 'one') =>
  Array.from({ length }, (_, index) => ({ scope, kind: kind(index), size: 1 }));
/** How many of them there is room for, one after the other. */
function kept(all: ReturnType<typeof many>): number {
  const room = new KeptCaches();
  return all.filter((cache) => {
    const fits = room.fits(cache);
    if (fits) room.add(cache);
    return fits;
  }).length;
}

test('pull requests have room for a few archives in each project, and take none of the project’s own', () => {
  const pulls = many(50, (index) => `custom:repository:${index}`);
  const own = many(3, () => 'custom');
  expect(kept([...pulls, ...own])).toBe(MOST_PROPOSED_CACHES + 3);
  expect(kept([...pulls, ...many(50, (index) => `custom:x:${index}`, 'two')])).toBe(
    2 * MOST_PROPOSED_CACHES,
  );
});

test('a server keeps so many volumes, and so many bytes', () => {
  expect(kept(many(50, () => 'layers'))).toBe(MOST_LAYER_CACHES);
  const half = { scope: 'one', kind: 'source:x', size: LOCAL_CACHES_BYTES / 2 };
  expect(kept([half, half, half])).toBe(2);
});
