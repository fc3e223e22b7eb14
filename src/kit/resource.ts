import { type Arn, formatArn } from '../aws/arn.ts';
import type { RequestFacts } from '../aws/context.ts';
import type { Conditions } from '../aws/principal.ts';
import type { Database, Tx } from '../db/database.ts';
import type { ActionRule } from './operation.ts';
import {
  checkNewTags,
  type GivenTags,
  type TagRules,
  type Tags,
  tagConditions,
  tagsOf,
  withoutTags,
  withTags,
} from './tags.ts';

/** Where a thing is: the caller's account and region, or those of an ARN. */
export interface Place {
  accountId: string;
  region: string;
  partition?: string;
}

/** What a caller named, whether it exists or not. */
export interface Located extends Place {
  arn: string;
  /** Its owner's, which is the account in its ARN and not always the caller's. */
  accountId: string;
}

/**
 * A kind of resource: all that the house has to know of it.
 * `N`: how callers name it. `L`: what comes of reading that. `T`: the thing as the store has it.
 */
export interface Resource<N, L extends Located, T> {
  /** CloudFormation's name: `AWS::KMS::Key`. */
  type: string;
  /** Of what was named, where that may be of several kinds. */
  typeOf?(located: L): string;
  /** Reads a name, id or ARN. @throws the service's own error for what is none */
  locate(caller: RequestFacts, named: N): L;
  /** What an ARN of the service names, or undefined where it is one of another kind. */
  parse(arn: Arn): L | undefined;
  find(db: Tx, located: L): Promise<T | undefined>;
  /** `find` for each of several, in their order: where calls name many, so that they cost few queries. */
  findAll?(db: Tx, all: readonly L[]): Promise<(T | undefined)[]>;
  /** Told once the caller may ask: what cannot be a name. @throws the service's own errors */
  check?(located: L): void;
  /** The ARN and the owner, where they are only known once the thing is found. */
  known?(thing: T, located: L): Partial<Located>;
  /** What a refusal calls it, where the ARN would tell more than the caller said. */
  named?(located: L): string;
  notFound(located: L): Error;
  /** Those that a policy may ask for as `aws:ResourceTag/…`, and how calls change them. */
  tags?: {
    of(thing: T): Tags;
    /** Where calls change tags alone. */
    save?(tx: Tx, thing: T, tags: Tags): Promise<void>;
    rules?(thing: T): TagRules;
  };
  policy?: {
    /** The resource's own policy as JSON, or undefined when it has none. */
    of(thing: T, caller: RequestFacts): string | undefined;
    /** Nobody gets in whom this policy does not name, whatever his own policies say: KMS keys. */
    required?: boolean;
  };
}

// biome-ignore lint/suspicious/noExplicitAny: stands for resources of every kind
export type AnyResource = Resource<any, any, any>;

export function defineResource<N, L extends Located, T>(
  resource: Resource<N, L, T>,
): Resource<N, L, T> {
  return resource;
}

/** What has a name in its account and region. */
export interface Named extends Located {
  name: string;
}

/** Names and ARNs of a kind whose ARN is `arn:…:SERVICE:REGION:ACCOUNT:` and, behind the prefix, its name. */
export function byName(service: string, prefix = '') {
  const at = ({ accountId, region, partition }: Place, name = ''): Named => {
    const resource = `${prefix}${name}`;
    const arn = formatArn({ partition, service, region, accountId, resource });
    return { accountId, region, name, arn };
  };
  return {
    locate: at as (place: Place, name: string | undefined) => Named,
    parse: (arn: Arn): Named | undefined =>
      arn.resource.startsWith(prefix) ? at(arn, arn.resource.slice(prefix.length)) : undefined,
  };
}

type Caller = RequestFacts & Pick<Database, 'db' | 'transaction'>;

/** Names in one query: databases bound how many values a statement has, and not every call how many it names. */
const MOST_NAMES = 500;

/** `find` and `findAll` out of one query for those of one place, which answers with things by their names. */
export function findByName<T>(
  read: (db: Tx, place: Place, names: readonly string[]) => Promise<Map<string, T>>,
) {
  return {
    find: async (db: Tx, { name, ...place }: Named): Promise<T | undefined> =>
      (await read(db, place, [name])).get(name),
    async findAll(db: Tx, all: readonly Named[]): Promise<(T | undefined)[]> {
      const placeOf = ({ accountId, region }: Place) => `${accountId} ${region}`;
      const found = new Map<string, T>();
      const keyOf = (located: Place, name: string) => `${placeOf(located)} ${name}`;
      for (const here of Map.groupBy(all, placeOf).values()) {
        const [{ name: _, ...place }] = here as [Named];
        const names = [...new Set(here.map(({ name }) => name))];
        for (let i = 0; i < names.length; i += MOST_NAMES)
          for (const [name, thing] of await read(db, place, names.slice(i, i + MOST_NAMES)))
            found.set(keyOf(place, name), thing);
      }
      return all.map((located) => found.get(keyOf(located, located.name)));
    },
  };
}

async function findEach<N, L extends Located, T>(
  db: Tx,
  resource: Resource<N, L, T>,
  all: readonly L[],
): Promise<(T | undefined)[]> {
  if (resource.findAll) return resource.findAll(db, all);
  const found: (T | undefined)[] = [];
  for (const located of all) found.push(await resource.find(db, located));
  return found;
}

/** What a rule adds to the resource's own question. An action that is not `SERVICE:OPERATION` is named beside it: `{ ...rule, action }`. */
export interface RuleOptions<C, I, T> {
  /** Service-specific condition keys, in lower case. The thing is known where its ARN or policy needed it. */
  conditions?: (ctx: C, input: I, thing: T | undefined) => Conditions;
}

/**
 * The rule of an operation on the one resource that its input names. Whether it exists is for those to know who may
 * use it: others are refused in the same words in both cases. The operation gets the thing as its third argument.
 */
export function on<C extends Caller, I, N, L extends Located, T>(
  resource: Resource<N, L, T>,
  pick: (input: I, ctx: C) => N,
  options?: RuleOptions<C, I, T>,
): ActionRule<C, I, T> {
  return {
    ask: (action, more) => async (ctx, input) => {
      const located = await locate(ctx, resource, pick(input, ctx), action);
      const asked = await ask(ctx, resource, located, { action, input, options, more });
      resource.check?.(located);
      const thing = asked.looked ? asked.thing : await resource.find(ctx.db, located);
      if (thing === undefined) throw resource.notFound(located);
      return thing;
    },
  };
}

/**
 * The rule of an operation that makes the resource, or looks for it itself, such as in the transaction that changes it.
 * The operation gets as its third argument where it is, or would be.
 */
export function at<C extends Caller, I, N, L extends Located, T>(
  resource: Resource<N, L, T>,
  pick: (input: I, ctx: C) => N,
  options?: RuleOptions<C, I, T>,
): ActionRule<C, I, L> {
  return {
    ask: (action, more) => async (ctx, input) => {
      const located = await locate(ctx, resource, pick(input, ctx), action);
      await ask(ctx, resource, located, { action, input, options, more });
      resource.check?.(located);
      return located;
    },
  };
}

/** `at` for each of several. */
export function atEach<C extends Caller, I, N, L extends Located, T>(
  resource: Resource<N, L, T>,
  pick: (input: I, ctx: C) => readonly N[],
  options?: RuleOptions<C, I, T>,
): ActionRule<C, I, L[]> {
  return {
    ask: (action, more) => async (ctx, input) => {
      const all = await askEach(ctx, resource, pick(input, ctx), { action, input, options, more });
      return all.map(({ located }) => located);
    },
  };
}

/** `on` for each of several: those that are not there are undefined. */
export function onEach<C extends Caller, I, N, L extends Located, T>(
  resource: Resource<N, L, T>,
  pick: (input: I, ctx: C) => readonly N[],
  options?: RuleOptions<C, I, T>,
): ActionRule<C, I, { located: L; thing: T | undefined }[]> {
  return {
    ask: (action, more) => async (ctx, input) => {
      const all = await askEach(ctx, resource, pick(input, ctx), { action, input, options, more });
      if (isLookedUp(resource)) return all;
      const places = all.map(({ located }) => located);
      const found = await findEach(ctx.db, resource, places);
      return places.map((located, index) => ({ located, thing: found[index] }));
    },
  };
}

async function askEach<C extends Caller, I, N, L extends Located, T>(
  ctx: C,
  resource: Resource<N, L, T>,
  names: readonly N[],
  asked: Asked<C, I, T>,
): Promise<{ located: L; thing: T | undefined }[]> {
  const actions = asked.action;
  const all: L[] = [];
  for (const named of names) all.push(await locate(ctx, resource, named, actions));
  // Who names nothing asks about everything.
  if (all.length === 0) for (const each of [actions].flat()) await ctx.authorize(each, '*');
  const things = isLookedUp(resource) ? await findEach(ctx.db, resource, all) : [];
  const found = all.map((located, index) => ({ located, thing: things[index] }));
  // Several may be parts of one: that is asked about once.
  const arnOf = ({ located, thing }: (typeof found)[number]) =>
    (thing !== undefined && resource.known?.(thing, located).arn) || located.arn;
  for (const each of new Map(found.map((each) => [arnOf(each), each])).values())
    await askAbout(ctx, resource, each, asked);
  for (const located of all) resource.check?.(located);
  return found;
}

/** What is no name of this kind is asked about as it was typed, so that who has no rights learns no more from it. */
async function locate<N, L extends Located, T>(
  ctx: Caller,
  resource: Resource<N, L, T>,
  named: N,
  actions: string | string[],
): Promise<L> {
  try {
    return resource.locate(ctx, named);
  } catch (error) {
    const typed = typeof named === 'string' ? named : '*';
    for (const action of [actions].flat()) await ctx.authorize(action, typed);
    throw error;
  }
}

interface Asked<C, I, T> {
  action: string | string[];
  input: I;
  options: RuleOptions<C, I, T> | undefined;
  more: ActionRule<C, I, T>['conditions'];
}

async function ask<C extends Caller, I, N, L extends Located, T>(
  ctx: C,
  resource: Resource<N, L, T>,
  located: L,
  asked: Asked<C, I, T>,
): Promise<{ looked: boolean; thing: T | undefined }> {
  const looked = isLookedUp(resource);
  const thing = looked ? await resource.find(ctx.db, located) : undefined;
  await askAbout(ctx, resource, { located, thing }, asked);
  return { looked, thing };
}

async function askAbout<C extends Caller, I, N, L extends Located, T>(
  ctx: C,
  resource: Resource<N, L, T>,
  { located, thing }: { located: L; thing: T | undefined },
  { action, input, options = {}, more }: Asked<C, I, T>,
): Promise<void> {
  const conditions = {
    ...tagConditions(input),
    ...options.conditions?.(ctx, input, thing),
    ...(await more?.(ctx, input)),
  };
  for (const each of [action].flat())
    await authorizeFound(ctx, resource, { action: each, located, thing }, conditions);
}

/** Of these the question itself is known only once they are found. */
const isLookedUp = ({ known, policy }: AnyResource) => known !== undefined || policy !== undefined;

/** Asks for a further action, or about a further resource, inside an operation. @throws AccessDeniedException */
export async function authorizeOn<N, L extends Located, T>(
  ctx: Caller,
  resource: Resource<N, L, T>,
  located: L,
  action: string,
  conditions: Conditions = {},
): Promise<void> {
  const thing = isLookedUp(resource) ? await resource.find(ctx.db, located) : undefined;
  await authorizeFound(ctx, resource, { action, located, thing }, conditions);
}

/** Asks about a thing that has been looked for. @throws AccessDeniedException */
export async function authorizeFound<N, L extends Located, T>(
  ctx: RequestFacts,
  resource: Resource<N, L, T>,
  { action, located, thing }: { action: string; located: L; thing: T | undefined },
  conditions: Conditions,
): Promise<void> {
  const { arn, accountId } = {
    ...located,
    ...(thing !== undefined && resource.known?.(thing, located)),
  };
  const document = thing === undefined ? undefined : resource.policy?.of(thing, ctx);
  await ctx.authorize(action, arn, {
    conditions,
    named: resource.named?.(located),
    type: resource.typeOf?.(located) ?? resource.type,
    owner: accountId,
    ...(document !== undefined && {
      resourcePolicy: {
        document,
        kind: 'resource',
        required: resource.policy?.required ?? false,
      },
    }),
  });
}

/** The thing as it is now, such as in a transaction. @throws the resource's not-found error */
export async function need<N, L extends Located, T>(
  db: Tx,
  resource: Resource<N, L, T>,
  located: L,
): Promise<T> {
  const thing = await resource.find(db, located);
  if (thing === undefined) throw resource.notFound(located);
  return thing;
}

/** Gives a resource tags, in a transaction of its own. @throws the service's errors for tags */
export async function addTags<N, L extends Located, T>(
  ctx: Caller,
  resource: Resource<N, L, T>,
  located: L,
  given: GivenTags,
): Promise<void> {
  await changeTags(ctx, resource, located, (tags, rules) => {
    checkNewTags(given, rules);
    return withTags(tags, tagsOf(given), rules);
  });
}

/** Takes tags from a resource, in a transaction of its own. */
export async function removeTags<N, L extends Located, T>(
  ctx: Caller,
  resource: Resource<N, L, T>,
  located: L,
  keys: readonly string[],
): Promise<void> {
  await changeTags(ctx, resource, located, (tags) => withoutTags(tags, keys));
}

async function changeTags<N, L extends Located, T>(
  ctx: Caller,
  resource: Resource<N, L, T>,
  located: L,
  change: (tags: Tags, rules: TagRules) => Tags,
): Promise<void> {
  const { tags } = resource;
  if (!tags?.save || !tags.rules) throw new Error(`The tags of ${resource.type} do not change`);
  const { of, save, rules } = tags;
  await ctx.transaction(async (tx) => {
    const thing = await need(tx, resource, located);
    await save(tx, thing, change(of(thing), rules(thing)));
  });
}

/** Tags as a service's own records have them: as an object. */
export const tagObject = (tags: Tags): Record<string, string> => Object.fromEntries(tags);

/** Finds the tags of what an ARN names, among these kinds of resources. */
export async function findTags(
  resources: readonly AnyResource[],
  db: Tx,
  arn: Arn,
): Promise<Tags | undefined> {
  for (const { parse, find, tags } of resources) {
    const located = tags && parse(arn);
    const thing = located && (await find(db, located));
    if (thing !== undefined) return tags?.of(thing);
  }
  return undefined;
}
