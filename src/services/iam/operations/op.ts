import type { Conditions } from '../../../aws/principal.ts';
import type { Tx } from '../../../db/database.ts';
import { type Page as PageOfItems, page, pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidMarker, mustNameUser, noSuchIdentity } from '../errors.ts';
import { PAGE } from '../limits.ts';
import { identityArn } from '../model/names.ts';
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

/** The rule of an operation on the user that its input names, or the caller. */
export const onUser = {
  resource: (ctx: ServiceContext, input: { UserName?: string | undefined }) =>
    arnOf(ctx, 'user', input.UserName ?? ownName(ctx)),
  named: (ctx: ServiceContext, input: { UserName?: string | undefined }) =>
    `user ${input.UserName ?? ownName(ctx)}`,
};

export const onGroup = {
  resource: (ctx: ServiceContext, input: { GroupName?: string | undefined }) =>
    arnOf(ctx, 'group', input.GroupName),
  named: (_ctx: ServiceContext, input: { GroupName?: string | undefined }) =>
    `group ${input.GroupName}`,
};

export const onRole = {
  resource: (ctx: ServiceContext, input: { RoleName?: string | undefined }) =>
    arnOf(ctx, 'role', input.RoleName),
  named: (_ctx: ServiceContext, input: { RoleName?: string | undefined }) =>
    `role ${input.RoleName}`,
};

interface Named {
  UserName?: string | undefined;
  GroupName?: string | undefined;
  RoleName?: string | undefined;
}

/** The name of the user, group or role that an input is about. */
export const nameOf = (input: Named) => input.UserName ?? input.GroupName ?? input.RoleName;

/** `iam:PermissionsBoundary`, by which a policy lets change only those who have a certain boundary. */
export const boundaryOf =
  (kind: IdentityKind) =>
  async (ctx: ServiceContext, input: Named): Promise<Conditions> => {
    const found = await findIdentity(ctx.db, ctx.accountId, kind, nameOf(input) ?? '');
    return found?.boundary === undefined ? {} : { 'iam:permissionsboundary': found.boundary };
  };

export const onPolicy = {
  resource: (_ctx: ServiceContext, input: { PolicyArn?: string | undefined }) =>
    input.PolicyArn ?? '',
};

/** The rule of a list. */
export const onList = (kind: IdentityKind | 'policy') => ({
  resource: (ctx: ServiceContext, input: { PathPrefix?: string | undefined }) =>
    `arn:aws:iam::${ctx.accountId}:${kind}${input.PathPrefix ?? '/'}`,
});

/** The name of the calling user, for operations that mean the caller when they name nobody. @throws AwsError */
export function ownName(ctx: ServiceContext): string {
  if (ctx.principal.type !== 'user') throw mustNameUser();
  return ctx.principal.userName;
}
