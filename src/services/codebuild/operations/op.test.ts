import { expect, test } from 'vitest';
import { append } from '../../../lib/append.ts';
import type { ServiceContext } from '../../service.ts';
import { page } from './op.ts';

const ctx = {
  sealToken: (state: unknown) => JSON.stringify(state),
  openToken: (token: string) => JSON.parse(token),
} as unknown as ServiceContext;
const items = Array.from({ length: 250 }, (_, n) => n);
const load = async (offset: number, limit: number) => items.slice(offset, offset + limit);

test.each([
  [undefined, 100, 3],
  [7, 7, 36],
  [100, 100, 3],
])('with maxResults %s a page has %d items', async (maxResults, size, pages) => {
  const seen: number[] = [];
  const sizes: number[] = [];
  let nextToken: string | undefined;
  do {
    const found = await page(ctx, { nextToken, maxResults }, load);
    append(seen, found.items);
    sizes.push(found.items.length);
    nextToken = found.nextToken;
  } while (nextToken);
  expect(seen).toEqual(items);
  expect([sizes[0], sizes.length]).toEqual([size, pages]);
});
