import type { CreateKeyCommandInput } from '@aws-sdk/client-kms';
import { unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, tagConditions } from '../../../kit/tags.ts';
import { keyNotPendingDeletion, noSuchKey, validation } from '../errors.ts';
import { newKey, onKey } from '../keys/use.ts';
import {
  DEFAULT_LIMIT,
  DEFAULT_PENDING_DAYS,
  MAX_PENDING_DAYS,
  MIN_PENDING_DAYS,
} from '../limits.ts';
import { assertNotPending, type Key, metadataOf } from '../model/key.ts';
import { keyArn } from '../model/key-id.ts';
import { TAG_RULES } from '../resources/key.ts';
import { findKey, insertKey, listKeyIds, updateKey } from '../store/keys.ts';
import { kms } from './declare.ts';
import { paged } from './pages.ts';
import { checkPolicy } from './policies.ts';

const onOne = onKey({ aliases: false });

const DAY_MS = 24 * 60 * 60 * 1000;

export const createKey = kms('createKey', {}, async (ctx, input) => {
  refuseOtherKinds(input);
  if (input.Tags?.length) {
    checkNewTags(input.Tags, TAG_RULES);
    await ctx.authorize('kms:TagResource', '*', { conditions: tagConditions(input) });
  }
  const key = newKey(ctx, {
    manager: 'CUSTOMER',
    description: input.Description ?? '',
    policy: input.Policy,
    tags: input.Tags,
  });
  if (input.Policy !== undefined) await checkPolicy(ctx, key, input);
  await ctx.transaction((tx) => insertKey(tx, key));
  return { KeyMetadata: metadataOf(key) };
});

function refuseOtherKinds(input: CreateKeyCommandInput): void {
  const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  if (spec !== 'SYMMETRIC_DEFAULT') throw unsupported(`the KeySpec ${spec}`);
  const usage = input.KeyUsage ?? 'ENCRYPT_DECRYPT';
  if (usage !== 'ENCRYPT_DECRYPT') {
    throw validation(`KeyUsage ${usage} is not compatible with KeySpec SYMMETRIC_DEFAULT`);
  }
  const origin = input.Origin ?? 'AWS_KMS';
  if (origin !== 'AWS_KMS') throw unsupported(`the Origin ${origin}`);
  if (input.MultiRegion) throw unsupported('Multi-Region keys');
  if (input.CustomKeyStoreId || input.XksKeyId) throw unsupported('custom key stores');
}

export const describeKey = kms('describeKey', onKey(), async (_ctx, _input, key) => ({
  KeyMetadata: metadataOf(key),
}));

export const listKeys = kms('listKeys', {}, async (ctx, input) => {
  const { items, more } = await paged(
    ctx,
    input,
    DEFAULT_LIMIT,
    (page) => listKeyIds(ctx.db, ctx, page),
    (keyId) => keyId,
  );
  return { Keys: items.map((keyId) => ({ KeyId: keyId, KeyArn: keyArn(ctx, keyId) })), ...more };
});

export const enableKey = kms('enableKey', onOne, async (ctx, _input, found) => {
  await change(ctx, found, (key) => {
    assertNotPending(key);
    return { ...key, state: 'Enabled' };
  });
  return {};
});

export const disableKey = kms('disableKey', onOne, async (ctx, _input, found) => {
  await change(ctx, found, (key) => {
    assertNotPending(key);
    return { ...key, state: 'Disabled' };
  });
  return {};
});

export const updateKeyDescription = kms(
  'updateKeyDescription',
  onOne,
  async (ctx, input, found) => {
    await change(ctx, found, (key) => {
      assertNotPending(key);
      return { ...key, description: input.Description ?? '' };
    });
    return {};
  },
);

export const scheduleKeyDeletion = kms('scheduleKeyDeletion', onOne, async (ctx, input, named) => {
  const days = input.PendingWindowInDays ?? DEFAULT_PENDING_DAYS;
  if (days < MIN_PENDING_DAYS || days > MAX_PENDING_DAYS) {
    throw validation(
      `PendingWindowInDays must be between ${MIN_PENDING_DAYS} and ${MAX_PENDING_DAYS} days (inclusive)`,
    );
  }
  const deletionAt = new Date(ctx.clock.now().getTime() + days * DAY_MS);
  const key = await change(
    ctx,
    named,
    (found) => {
      assertNotPending(found);
      return { ...found, state: 'PendingDeletion', deletionAt };
    },
    deletionAt,
  );
  return {
    KeyId: keyArn(key, key.keyId),
    DeletionDate: deletionAt,
    KeyState: 'PendingDeletion' as const,
    PendingWindowInDays: days,
  };
});

export const cancelKeyDeletion = kms('cancelKeyDeletion', onOne, async (ctx, _input, named) => {
  const key = await change(ctx, named, (found) => {
    if (found.state !== 'PendingDeletion') throw keyNotPendingDeletion(keyArn(found, found.keyId));
    return { ...found, state: 'Disabled', deletionAt: undefined };
  });
  return { KeyId: keyArn(key, key.keyId) };
});

/** No key rotates: said as it is, because Terraform and CDK ask. */
export const getKeyRotationStatus = kms(
  'getKeyRotationStatus',
  onOne,
  async (_ctx, _input, key) => ({
    KeyId: keyArn(key, key.keyId),
    KeyRotationEnabled: false,
  }),
);

/** Changes a key from what it is at that moment. @param wakeAt when the deleter shall look */
async function change(
  ctx: ServiceContext,
  { keyId }: Key,
  next: (key: Key) => Key,
  wakeAt?: Date,
): Promise<Key> {
  return ctx.transaction(async (tx) => {
    const key = await findKey(tx, keyId);
    if (!key) throw noSuchKey(keyArn(ctx, keyId));
    const changed = next(key);
    await updateKey(tx, changed);
    if (wakeAt) await ctx.engine.wake(tx, 'kms/delete-key', keyId, wakeAt);
    return changed;
  });
}
