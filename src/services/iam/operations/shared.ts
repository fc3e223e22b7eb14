import type { Tx } from '../../../db/database.ts';
import { type Page as PageOfItems, page, pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidMarker, noSuchIdentity } from '../errors.ts';
import { PAGE } from '../limits.ts';
import { findIdentity, type Identity } from '../store/identities.ts';
import { bumpRevision, type IdentityKind, type Page } from '../store/tables.ts';

interface Paged {
  Marker?: string;
  MaxItems?: number;
}

/** What the caller asked for. @throws AwsError ValidationError */
const asked = (input: Paged) => ({
  token: input.Marker,
  limit: input.MaxItems ?? PAGE,
  refuse: invalidMarker,
});

/** Items, and the members that say whether the list goes on. */
const shown = <T>({ items, nextToken }: PageOfItems<T>) => ({
  items,
  more: nextToken === undefined ? { IsTruncated: false } : { IsTruncated: true, Marker: nextToken },
});

/** The page that Marker and MaxItems ask for. */
export async function paged<T>(
  ctx: ServiceContext,
  input: Paged,
  load: (page: Page) => Promise<T[]>,
  keyOf: (item: T) => string,
) {
  const loadAfter = (after = '', limit = PAGE) => load({ after, limit });
  return shown(await page(ctx, asked(input), loadAfter, keyOf));
}

/** The same out of a whole list: for lists that a quota keeps short. */
export function slice<T>(ctx: ServiceContext, input: Paged, all: T[], keyOf: (item: T) => string) {
  return shown(pageOfList(ctx, asked(input), all, keyOf));
}

export const nameKey = (identity: Identity) => identity.name.toLowerCase();

/** A user, group or role as it is in this transaction. @throws NoSuchEntityException */
export const current = (tx: Tx, { accountId, kind, name }: Identity): Promise<Identity> =>
  getIdentity(tx, accountId, kind, name);

/** @throws NoSuchEntityException */
export async function getIdentity(
  tx: Tx,
  accountId: string,
  kind: IdentityKind,
  name = '',
): Promise<Identity> {
  const found = await findIdentity(tx, accountId, kind, name);
  if (!found) throw noSuchIdentity(kind, name);
  return found;
}

/** IAM's dates are whole seconds. */
export function nowOf(ctx: ServiceContext): Date {
  return new Date(Math.floor(ctx.clock.now().getTime() / 1000) * 1000);
}

/** Changes IAM: `work`, and the word to all servers that what they remember of it is old. */
export function change<T>(ctx: ServiceContext, work: (tx: Tx) => Promise<T>): Promise<T> {
  return ctx.transaction(async (tx) => {
    await bumpRevision(tx);
    return work(tx);
  });
}

/** The rule of a list. */
export const onList = (kind: IdentityKind | 'policy') => ({
  resource: (ctx: ServiceContext, input: { PathPrefix?: string | undefined }) =>
    `arn:aws:iam::${ctx.accountId}:${kind}${input.PathPrefix ?? '/'}`,
});

/** The rule of what is about an account as a whole: it names no resource. */
export const onAccount = { resource: () => '*' };
