import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Key, page, pageOfList } from './pages.ts';

const tokens = { sealToken: JSON.stringify, openToken: JSON.parse };
const refuse = () => new Error('bad token');

interface Item {
  at: number;
  name: number;
}

const same = (a: Item, b: Item) => a.at === b.at && a.name === b.name;
const keyOf = ({ at, name }: Item): [number, number] => [at, name];
const item = fc.record({ at: fc.nat(3), name: fc.nat(9) });
/** What happens to the list between two pages. */
const items = fc.uniqueArray(item, { comparator: same });
const change = fc.record({ removed: items, added: items });

const changed = (list: Item[], { removed, added }: { removed: Item[]; added: Item[] }) => {
  const rest = list.filter((one) => !removed.some((other) => same(one, other)));
  return [...rest, ...added.filter((one) => !rest.some((other) => same(one, other)))];
};

/** A store that gives what is behind a key, as a database does. */
function behind(list: Item[], key: readonly number[] | undefined, descending: boolean): Item[] {
  const number = ({ at, name }: Item) => at * 100 + name;
  const sign = descending ? -1 : 1;
  const [at = 0, name = 0] = key ?? [];
  return list
    .filter((one) => !key || sign * (number(one) - number({ at, name })) > 0)
    .toSorted((a, b) => sign * (number(a) - number(b)));
}

for (const descending of [false, true]) {
  test(`whatever is deleted and added between pages, nothing comes twice and nothing that stayed is missed (${descending ? 'descending' : 'ascending'})`, async () => {
    await fc.assert(
      fc.asyncProperty(
        items,
        fc.array(change),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (start, changes, limit, inMemory) => {
          let list = start;
          let stayed = start;
          const shown: Item[] = [];
          let token: string | undefined;
          for (let round = 0; ; round++) {
            const asked = { token, limit, refuse };
            const order = descending ? 'descending' : 'ascending';
            const found = inMemory
              ? pageOfList(tokens, asked, list, keyOf, order)
              : await page(
                  tokens,
                  asked,
                  async (key: [number, number] | undefined, count) =>
                    behind(list, key, descending).slice(0, count),
                  keyOf,
                );
            expect(found.items.length).toBeLessThanOrEqual(limit);
            shown.push(...found.items);
            if (found.nextToken === undefined) break;
            expect(found.items).toHaveLength(limit);
            token = found.nextToken;
            const what = changes[round];
            if (!what) continue;
            list = changed(list, what);
            stayed = stayed.filter((one) => list.some((other) => same(one, other)));
          }
          const repeated = shown.filter((one, at) => shown.findIndex((b) => same(one, b)) !== at);
          expect(repeated).toEqual([]);
          const missed = stayed.filter((one) => !shown.some((other) => same(one, other)));
          expect(missed).toEqual([]);
          expect(shown).toEqual(behind(shown, undefined, descending));
        },
      ),
    );
  });
}

test('a token that is none is refused in the words of the operation', async () => {
  const asked = { token: 'x', limit: 1, refuse };
  const strict = { ...tokens, openToken: () => undefined };
  const keyOfAny = (one: string): Key => one;
  expect(() => pageOfList(strict, asked, ['a'], keyOfAny)).toThrow('bad token');
  await expect(page(strict, asked, async () => ['a'], keyOfAny)).rejects.toThrow('bad token');
});

test('a token of another list of the operation is none', async () => {
  const asked = { token: undefined, limit: 1, refuse };
  const keyOfAny = (one: string): Key => one;
  const { nextToken } = pageOfList(tokens, { ...asked, of: 'one' }, ['a', 'b'], keyOfAny);
  const next = (of?: string) =>
    pageOfList(tokens, { ...asked, token: nextToken, ...(of && { of }) }, ['a', 'b'], keyOfAny);
  expect(next('one').items).toEqual(['b']);
  expect(() => next('other')).toThrow('bad token');
});
