import type { Authorization, Operation } from '../../../aws/operation.ts';
import type { Tx } from '../../../db/database.ts';
import { type Page as PageOfItems, page, pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../service.ts';
import { invalidMarker, mustNameUser, noSuchIdentity } from '../errors.ts';
import { PAGE } from '../limits.ts';
import { identityArn } from '../model/names.ts';
import { findIdentity, type Identity } from '../store/identities.ts';
import { bumpRevision, type IdentityKind, type Page } from '../store/tables.ts';

/** One IAM operation, by the SDK's input and output. */
export type Op<I, O> = Operation<ServiceContext, I, Omit<O, '$metadata'>>;

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

/**
 * The ARN that a call on a user, group or role is authorized against: with its path, when it exists. That is not for
 * who may not read it: refusals call it `user alice`, as AWS's do.
 */
export async function arnOf(ctx: ServiceContext, kind: IdentityKind, name = ''): Promise<string> {
  const found = await findIdentity(ctx.db, ctx.accountId, kind, name);
  return identityArn(found ?? { accountId: ctx.accountId, kind, path: '/', name });
}

type Rule<I> = Authorization<ServiceContext, I>;

/** The rule of an operation on the user that its input names, or the caller. */
export function onUser<I extends { UserName?: string }>(name: string): Rule<I> {
  return {
    action: `iam:${name}`,
    resource: (ctx, input) => arnOf(ctx, 'user', input.UserName ?? ownName(ctx)),
    named: (ctx, input) => `user ${input.UserName ?? ownName(ctx)}`,
  };
}

export function onGroup<I extends { GroupName?: string }>(name: string): Rule<I> {
  return {
    action: `iam:${name}`,
    resource: (ctx, input) => arnOf(ctx, 'group', input.GroupName),
    named: (_, input) => `group ${input.GroupName}`,
  };
}

export function onRole<I extends { RoleName?: string }>(name: string): Rule<I> {
  return {
    action: `iam:${name}`,
    resource: (ctx, input) => arnOf(ctx, 'role', input.RoleName),
    named: (_, input) => `role ${input.RoleName}`,
  };
}

export function onPolicy<I extends { PolicyArn?: string }>(name: string): Rule<I> {
  return { action: `iam:${name}`, resource: (_, input) => input.PolicyArn ?? '' };
}

/** The rule of a list. */
export function onList<I extends { PathPrefix?: string }>(
  name: string,
  kind: IdentityKind | 'policy',
): Rule<I> {
  return {
    action: `iam:${name}`,
    resource: (ctx, input) => `arn:aws:iam::${ctx.accountId}:${kind}${input.PathPrefix ?? '/'}`,
  };
}

/** The name of the calling user, for operations that mean the caller when they name nobody. @throws AwsError */
export function ownName(ctx: ServiceContext): string {
  if (ctx.principal.type !== 'user') throw mustNameUser();
  return ctx.principal.userName;
}
