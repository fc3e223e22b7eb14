import { randomBytes, randomUUID } from 'node:crypto';
import type { Tag } from '@aws-sdk/client-kms';
import { isAwsError } from '../../../aws/errors.ts';
import type { Conditions } from '../../../aws/principal.ts';
import type { ActionRule } from '../../../kit/operation.ts';
import { authorizeFound } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { tagConditions } from '../../../kit/tags.ts';
import { accessDenied, invalidKeyId } from '../errors.ts';
import { MATERIAL_BYTES } from '../limits.ts';
import type { EncryptionContext } from '../model/ciphertext.ts';
import { covers, type GrantUse, withGrants } from '../model/grant.ts';
import { assertUsable, defaultAlias, type Key, managedService } from '../model/key.ts';
import { type KeyReference, keyArn, type Place } from '../model/key-id.ts';
import { defaultPolicy, managedPolicy } from '../model/key-policy.ts';
import { key, type LocatedKey } from '../resources/key.ts';
import { listGrants } from '../store/grants.ts';
import { findAlias, findKey, insertAlias, insertKey } from '../store/keys.ts';
import { checkTokens } from './grant-tokens.ts';

/** What a call says besides the key: becomes condition keys. */
export interface Use {
  action: string;
  encryptionContext?: EncryptionContext | undefined;
  grantTokens?: string[] | undefined;
  /** The grant that the call would make. */
  granted?: GrantUse['granted'];
  /** Aliases are not taken by operations that manage a key. */
  aliases?: boolean;
  /** Further condition keys. */
  conditions?: Conditions | undefined;
}

/** What another account may do with a key that lets it: to manage a key is for its own account. */
const FROM_OUTSIDE =
  /^kms:(Encrypt|Decrypt|ReEncrypt(From|To)|GenerateDataKey.*|DescribeKey|GetKeyRotationStatus|(Create|Revoke|Retire)Grant|ListGrants)$/;

interface KeyInput {
  KeyId?: string | undefined;
  EncryptionContext?: EncryptionContext | undefined;
  GrantTokens?: string[] | undefined;
}

/** The rule of an operation on the key that its input names: `usable` when it must be ready for use. */
export function onKey<I extends KeyInput>(
  options: { aliases?: boolean; usable?: boolean; conditions?: (input: I) => Conditions } = {},
): ActionRule<ServiceContext, I, Key> {
  return {
    ask: (actions) => async (ctx, input) => {
      const [action = ''] = [actions].flat();
      const found = await authorizedKey(ctx, input.KeyId, {
        action,
        encryptionContext: input.EncryptionContext,
        grantTokens: input.GrantTokens,
        aliases: options.aliases ?? true,
        conditions: { ...tagConditions(input), ...options.conditions?.(input) },
      });
      if (options.usable) assertUsable(found);
      return found;
    },
  };
}

/**
 * The key that an argument names, when the caller may do this with it.
 * @throws NotFoundException, AccessDeniedException, InvalidGrantTokenException
 */
export async function authorizedKey(
  ctx: ServiceContext,
  argument: string | undefined,
  use: Use,
): Promise<Key> {
  const located = key.locate(ctx, argument);
  const { reference } = located;
  if (use.aliases === false && reference.kind === 'alias') throw invalidKeyId(argument ?? '');
  const found = await key.find(ctx.db, located);
  const service = found ? undefined : serviceOf(ctx, reference);
  const meant = found ?? (service ? newDefaultKey(ctx, reference, service) : undefined);
  await authorizeUse(ctx, located, meant, use);
  // That there is no such key is for those to know who might use it if there were.
  if (!meant) throw key.notFound(located);
  return service ? keepDefaultKey(ctx, meant, service) : meant;
}

/**
 * Asks whether the caller may do this with the key: its policy first (the default one leaves it to IAM; that of an
 * AWS-managed key lets its service's calls in, and looking), then the caller's own policies; else its grants.
 */
export async function authorizeUse(
  ctx: ServiceContext,
  located: LocatedKey,
  found: Key | undefined,
  use: Use,
): Promise<void> {
  const outside = located.accountId !== ctx.accountId;
  if (outside && !(found && FROM_OUTSIDE.test(use.action)))
    throw accessDenied(ctx.principal.arn, use.action, located.arn);
  const { action } = use;
  const conditions = conditionsOf(ctx, use, located.reference);
  await checkTokens(ctx, found, use.grantTokens);
  try {
    await authorizeFound(ctx, key, { action, located, thing: found }, conditions);
  } catch (error) {
    const grants =
      found && isAwsError(error, 'AccessDeniedException') ? await grantsFor(ctx, found, use) : [];
    if (!found || grants.length === 0) throw error;
    const grantees = grants.map(({ grantee }) => grantee);
    const granted = { ...found, policy: withGrants(found.policy, grantees, action) };
    await authorizeFound(ctx, key, { action, located, thing: granted }, conditions);
  }
}

const grantsFor = async (ctx: ServiceContext, { keyId }: Key, use: Use) =>
  (await listGrants(ctx.db, keyId)).filter((grant) => covers(grant, use));

/** The key, by what made its ciphertext. */
export const locatedBy = ({ accountId, region, keyId }: Key): LocatedKey => ({
  ...{ accountId, region, arn: keyArn({ accountId, region }, keyId) },
  reference: { kind: 'key', keyId, accountId, region },
});

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
async function keepDefaultKey(ctx: ServiceContext, made: Key, service: string): Promise<Key> {
  const aliasName = defaultAlias(service);
  return ctx.transaction(async (tx) => {
    const alias = await findAlias(tx, made, aliasName);
    const found = alias && (await findKey(tx, alias.keyId));
    if (found) return found;
    await insertKey(tx, made);
    const now = made.createdAt;
    await insertAlias(tx, made, { aliasName, keyId: made.keyId, createdAt: now, updatedAt: now });
    return made;
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
export function materialOf(ctx: ServiceContext, { keyId, material }: Key): Buffer {
  return ctx.vault.open(material, vaultContext(keyId));
}

function vaultContext(keyId: string): string {
  return `kms:key:${keyId}`;
}
