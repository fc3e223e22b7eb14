import { randomBytes, randomUUID } from 'node:crypto';
import type { Tag } from '@aws-sdk/client-kms';
import type { Conditions } from '../../aws/principal.ts';
import type { ServiceContext } from '../../kit/service.ts';
import {
  accessDenied,
  invalidKeyId,
  keyDisabled,
  keyPendingDeletion,
  noGrants,
  noSuchAlias,
  noSuchKey,
  wrongRegion,
} from './errors.ts';
import { MATERIAL_BYTES } from './limits.ts';
import type { EncryptionContext } from './model/ciphertext.ts';
import { defaultAlias, type Key, managedService } from './model/key.ts';
import {
  aliasArn,
  type KeyReference,
  keyArn,
  type Place,
  parseKeyReference,
} from './model/key-id.ts';
import { defaultPolicy, managedPolicy } from './model/key-policy.ts';
import { findAlias, findKey, insertAlias, insertKey } from './store.ts';

/** What a call says besides the key: becomes condition keys. */
export interface Use {
  action: string;
  encryptionContext?: EncryptionContext | undefined;
  grantTokens?: string[] | undefined;
  /** Aliases are not taken by operations that manage a key. */
  aliases?: boolean;
  /** Further condition keys. */
  conditions?: Conditions | undefined;
}

/** What another account may do with a key that lets it: to manage a key is for its own account. */
const FROM_OUTSIDE =
  /^kms:(Encrypt|Decrypt|ReEncrypt(From|To)|GenerateDataKey.*|DescribeKey|GetKeyRotationStatus)$/;

/**
 * The key that an argument names, when the caller may do this with it.
 * @throws NotFoundException, AccessDeniedException, InvalidGrantTokenException
 */
export async function authorizedKey(ctx: ServiceContext, argument: string, use: Use): Promise<Key> {
  if (use.grantTokens?.length) throw noGrants();
  const reference = parseKeyReference(argument, ctx);
  if (!reference || (use.aliases === false && reference.kind === 'alias'))
    throw invalidKeyId(argument);
  if (reference.region !== ctx.region) throw wrongRegion(reference.region);
  const found = await lookUp(ctx, reference);
  const service = found ? undefined : serviceOf(ctx, reference);
  const key = found ?? (service && newDefaultKey(ctx, reference, service));
  if (!key) throw await missing(ctx, use, reference);
  await authorizeUse(ctx, key, use, reference);
  return service ? keepDefaultKey(ctx, key, service) : key;
}

/** That there is no such key is for those to know who might use it if there were: others are refused as if there was. */
async function missing(ctx: ServiceContext, use: Use, reference: KeyReference): Promise<Error> {
  const arn = arnOf(reference);
  if (reference.accountId !== ctx.accountId)
    return accessDenied(ctx.principal.arn, use.action, arn);
  const conditions = conditionsOf(ctx, use, reference);
  await ctx.authorize(use.action, arn, { conditions });
  return reference.kind === 'key' ? noSuchKey(arn) : noSuchAlias(arn);
}

/** The ARN of what the caller named, a key or an alias. */
function arnOf(reference: KeyReference): string {
  return reference.kind === 'key'
    ? keyArn(reference, reference.keyId)
    : aliasArn(reference, reference.aliasName);
}

/** Like authorizedKey, and the key must be ready for use. @throws DisabledException, KMSInvalidStateException */
export async function usableKey(ctx: ServiceContext, argument: string, use: Use): Promise<Key> {
  const key = await authorizedKey(ctx, argument, use);
  assertUsable(key);
  return key;
}

export function assertUsable(key: Key): void {
  if (key.state === 'Disabled') throw keyDisabled(keyArn(key, key.keyId));
  assertNotPending(key);
}

export function assertNotPending(key: Key): void {
  if (key.state === 'PendingDeletion') throw keyPendingDeletion(keyArn(key, key.keyId));
}

/**
 * Asks whether the caller may do this with the key: its policy first (the default one leaves it to IAM; that of an
 * AWS-managed key lets its service's calls in, and looking), then the caller's own policies.
 */
export async function authorizeUse(
  ctx: ServiceContext,
  key: Key,
  use: Use,
  reference?: KeyReference,
): Promise<void> {
  const arn = keyArn(key, key.keyId);
  const named = reference ? arnOf(reference) : arn;
  if (key.accountId !== ctx.accountId && !FROM_OUTSIDE.test(use.action))
    throw accessDenied(ctx.principal.arn, use.action, named);
  await ctx.authorize(use.action, arn, {
    conditions: conditionsOf(ctx, use, reference),
    named,
    owner: key.accountId,
    resourcePolicy: { document: key.policy, kind: 'resource', required: true },
  });
}

function conditionsOf(ctx: ServiceContext, use: Use, reference?: KeyReference) {
  const context = Object.entries(use.encryptionContext ?? {});
  const conditions: Conditions = { ...use.conditions, 'kms:calleraccount': ctx.accountId };
  const via = ctx.via.at(-1);
  if (via) conditions['kms:viaservice'] = `${via}.${ctx.region}.amazonaws.com`;
  if (reference?.kind === 'alias') conditions['kms:requestalias'] = reference.aliasName;
  if (context.length > 0) conditions['kms:encryptioncontextkeys'] = context.map(([name]) => name);
  for (const [name, value] of context)
    conditions[`kms:encryptioncontext:${name.toLowerCase()}`] = value;
  return conditions;
}

async function lookUp(ctx: ServiceContext, reference: KeyReference): Promise<Key | undefined> {
  if (reference.kind === 'key') {
    const key = await findKey(ctx.db, reference.keyId);
    const found = key?.accountId === reference.accountId && key.region === reference.region;
    return found ? key : undefined;
  }
  const alias = await findAlias(ctx.db, reference, reference.aliasName);
  return alias && (await findKey(ctx.db, alias.keyId));
}

/** The service whose default key is named, where the caller's account has none yet. */
function serviceOf(ctx: ServiceContext, reference: KeyReference): string | undefined {
  if (reference.kind !== 'alias' || reference.accountId !== ctx.accountId) return undefined;
  return managedService(reference.aliasName);
}

/** The account's default key of a service, not stored yet. */
function newDefaultKey(ctx: ServiceContext, { accountId, region }: Place, service: string): Key {
  return newKey(ctx, {
    manager: 'AWS',
    description: `Default key that protects my ${service} data when no other key is defined`,
    policy: managedPolicy(accountId, region, service),
  });
}

/** Stores a default key; the first of several that try at once wins. @returns the one that is kept */
async function keepDefaultKey(ctx: ServiceContext, key: Key, service: string): Promise<Key> {
  const aliasName = defaultAlias(service);
  return ctx.transaction(async (tx) => {
    const alias = await findAlias(tx, key, aliasName);
    const found = alias && (await findKey(tx, alias.keyId));
    if (found) return found;
    await insertKey(tx, key);
    const now = key.createdAt;
    await insertAlias(tx, key, { aliasName, keyId: key.keyId, createdAt: now, updatedAt: now });
    return key;
  });
}

/** A key with fresh material, not stored yet. */
export function newKey(
  ctx: ServiceContext,
  given: {
    manager: Key['manager'];
    description: string;
    policy?: string | undefined;
    tags?: Tag[] | undefined;
  },
): Key {
  const { accountId, region } = ctx;
  const keyId = randomUUID();
  return {
    accountId,
    region,
    keyId,
    manager: given.manager,
    state: 'Enabled',
    createdAt: ctx.clock.now(),
    deletionAt: undefined,
    description: given.description,
    policy: given.policy ?? defaultPolicy(accountId),
    tags: given.tags ?? [],
    material: ctx.vault.seal(randomBytes(MATERIAL_BYTES), vaultContext(keyId)),
  };
}

/** The key's material in the clear. */
export function materialOf(ctx: ServiceContext, key: Key): Buffer {
  return ctx.vault.open(key.material, vaultContext(key.keyId));
}

function vaultContext(keyId: string): string {
  return `kms:key:${keyId}`;
}
