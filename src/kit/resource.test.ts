import { beforeEach, expect, test } from 'vitest';
import type { AuthorizeOptions, RequestFacts } from '../aws/context.ts';
import type { Database } from '../db/database.ts';
import {
  addTags,
  at,
  atEach,
  byName,
  defineResource,
  findByName,
  findTags,
  type Named,
  on,
  onEach,
  type Place,
  removeTags,
} from './resource.ts';
import { type Tags, tagsOf } from './tags.ts';

interface Toy {
  name: string;
  tags: Tags;
  policy?: string;
}

/** What the store has, and what was done, in order: `find NAME`, `ask ACTION ARN`. */
const toys = new Map<string, Toy>();
let done: string[];
let asked: AuthorizeOptions[];
let allowed: boolean;

const ARN = 'arn:aws:toys:eu-west-1:111111111111:toy/';
const ctx = {
  ...{ accountId: '111111111111', region: 'eu-west-1', partition: 'aws' },
  async authorize(action: string, resource: string | string[], options: AuthorizeOptions = {}) {
    done.push(`ask ${action} ${resource}`);
    asked.push(options);
    if (!allowed) throw new Error('denied');
  },
  transaction: (work: (tx: unknown) => unknown) => work(undefined),
} as unknown as RequestFacts & Database;

const toy = defineResource<string, Named, Toy>({
  type: 'AWS::Toys::Toy',
  ...byName('toys', 'toy/'),
  async find(_db, { name }) {
    done.push(`find ${name}`);
    return toys.get(name);
  },
  check({ name }) {
    if (name === '') throw new Error('a toy has a name');
  },
  notFound: ({ name }) => new Error(`no ${name}`),
  tags: {
    of: ({ tags }) => tags,
    save: async (_tx, found, tags) => void toys.set(found.name, { ...found, tags }),
    rules: () => ({
      most: 2,
      reserved: () => new Error('reserved'),
      tooMany: () => new Error('too many'),
    }),
  },
});
/** The same, of which the question itself is known only once it is found. */
const shared = defineResource<string, Named, Toy>({
  ...toy,
  known: ({ name }) => ({ arn: `${ARN}${name}-found`, accountId: '222222222222' }),
  named: ({ name }) => `toy ${name}`,
  policy: { of: ({ policy }) => policy },
});
const picked = ({ name }: { name: string }) => name;

beforeEach(() => {
  toys.clear();
  toys.set('bear', { name: 'bear', tags: tagsOf({ a: '1' }), policy: '{}' });
  done = [];
  asked = [];
  allowed = true;
});

test('a thing is looked for once its caller may ask', async () => {
  const rule = on(toy, picked).ask('toys:Play');
  expect(await rule(ctx, { name: 'bear' })).toMatchObject({ name: 'bear' });
  expect(done).toEqual([`ask toys:Play ${ARN}bear`, 'find bear']);
  await expect(rule(ctx, { name: 'duck' })).rejects.toThrow('no duck');
  await expect(rule(ctx, { name: '' })).rejects.toThrow('a toy has a name');
  allowed = false;
  for (const name of ['bear', 'duck', ''])
    await expect(rule(ctx, { name })).rejects.toThrow('denied');
});

test('a thing whose ARN or policy is asked about is looked for before, once', async () => {
  const rule = on(shared, picked).ask('toys:Play');
  await rule(ctx, { name: 'bear' });
  expect(done).toEqual(['find bear', `ask toys:Play ${ARN}bear-found`]);
  expect(asked).toMatchObject([
    {
      named: 'toy bear',
      owner: '222222222222',
      resourcePolicy: { document: '{}', kind: 'resource', required: false },
    },
  ]);
  await expect(rule(ctx, { name: 'duck' })).rejects.toThrow('no duck');
  expect(asked[1]).toEqual({
    conditions: {},
    named: 'toy duck',
    type: 'AWS::Toys::Toy',
    owner: '111111111111',
  });
});

test('what an operation makes or looks for itself is asked about, and told where it is', async () => {
  const rule = at(toy, picked).ask(['toys:Make', 'toys:Tag']);
  const located = await rule(ctx, { name: 'duck' });
  expect(located).toMatchObject({ name: 'duck', arn: `${ARN}duck`, accountId: '111111111111' });
  expect(done).toEqual([`ask toys:Make ${ARN}duck`, `ask toys:Tag ${ARN}duck`]);
});

test('a call brings the conditions of its tags, and those of its service', async () => {
  const conditions = () => ({ 'toys:size': 'big' });
  const rule = at(toy, picked, { conditions }).ask('toys:Tag');
  await rule(ctx, { name: 'bear', tags: { Kind: 'soft' } } as { name: string });
  expect(asked[0]?.conditions).toEqual({
    'aws:requesttag/kind': 'soft',
    'aws:tagkeys': ['Kind'],
    'toys:size': 'big',
  });
});

test('of several each is asked about once; who names none asks about all', async () => {
  const names = ({ all }: { all: string[] }) => all;
  const input = { all: ['bear', 'duck', 'bear'] };
  const found = await onEach(toy, names).ask('toys:Play')(ctx, input);
  expect(found.map(({ thing }) => thing?.name)).toEqual(['bear', undefined, 'bear']);
  expect(done.filter((step) => step.startsWith('ask'))).toHaveLength(2);
  done = [];
  expect(await atEach(toy, names).ask('toys:Play')(ctx, { all: [] })).toEqual([]);
  expect(done).toEqual(['ask toys:Play *']);
});

test('several that are found by name cost one question for those of one place', async () => {
  const read = async (_db: unknown, { accountId }: Place, names: readonly string[]) => {
    done.push(`read ${accountId} ${names}`);
    return new Map(names.flatMap((name) => (toys.has(name) ? [[name, name] as const] : [])));
  };
  const many = defineResource<string, Named, string>({
    ...{ type: 'AWS::Toys::Toy', ...byName('toys', 'toy/'), ...findByName(read) },
    locate: (_caller, named) => {
      const [accountId = '', name = ''] = named.split('/');
      return byName('toys', 'toy/').locate({ accountId, region: 'eu-west-1' }, name);
    },
    notFound: ({ name }) => new Error(`no ${name}`),
    policy: { of: () => undefined },
  });
  toys.set('cat', { name: 'cat', tags: tagsOf({}) });
  const all = ['1/bear', '2/duck', '1/cat', '2/cat', '1/bear'];
  const found = await onEach(many, () => all).ask('toys:Play')(ctx, {});
  expect(found.map(({ thing }) => thing)).toEqual(['bear', undefined, 'cat', 'cat', 'bear']);
  expect(done.slice(0, 2)).toEqual(['read 1 bear,cat', 'read 2 duck,cat']);
  expect(done).toHaveLength(2 + 4);
});

test('what is told apart only once it is found is not taken for one', async () => {
  const locate = (_caller: unknown, name: string) => ({ ...toy.locate(ctx, '*'), name });
  toys.set('cat', { name: 'cat', tags: tagsOf({}) });
  const names = () => ['bear', 'cat'];
  const found = await onEach({ ...shared, locate }, names).ask('toys:Play')(ctx, {});
  expect(found.map(({ thing }) => thing?.name)).toEqual(['bear', 'cat']);
  expect(done.slice(2)).toEqual([
    `ask toys:Play ${ARN}bear-found`,
    `ask toys:Play ${ARN}cat-found`,
  ]);
});

test('what cannot be read is asked about as it was typed', async () => {
  const locate = () => {
    throw new Error('no ARN');
  };
  const rule = on({ ...toy, locate }, picked).ask('toys:Play');
  await expect(rule(ctx, { name: 'x' })).rejects.toThrow('no ARN');
  expect(done).toEqual(['ask toys:Play x']);
  allowed = false;
  await expect(rule(ctx, { name: 'x' })).rejects.toThrow('denied');
});

test('tags are changed by the rules of the resource, and found by its ARN', async () => {
  const bear = toy.locate(ctx, 'bear');
  await addTags(ctx, toy, bear, [{ Key: 'b', Value: '2' }]);
  await expect(addTags(ctx, toy, bear, { c: '3' })).rejects.toThrow('too many');
  await expect(addTags(ctx, toy, bear, { 'aws:c': '3' })).rejects.toThrow('reserved');
  await removeTags(ctx, toy, bear, ['a']);
  const arn = { partition: 'aws', service: 'toys', region: 'eu-west-1', accountId: '111111111111' };
  const tags = (resource: string) => findTags([toy], ctx.db, { ...arn, resource });
  expect([...((await tags('toy/bear')) ?? [])]).toEqual([['b', '2']]);
  expect(await tags('toy/duck')).toBeUndefined();
  expect(await tags('game/bear')).toBeUndefined();
  await expect(removeTags(ctx, toy, toy.locate(ctx, 'duck'), [])).rejects.toThrow('no duck');
});
