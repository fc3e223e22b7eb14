import {
  KmsAccessDenied,
  KmsDisabled,
  KmsInvalidKeyUsage,
  KmsInvalidState,
  KmsNotFound,
  KmsThrottled,
} from '@aws-sdk/client-sqs';
import { forwarded } from '../../../kit/forwarded.ts';
import { inClasses, keyOfOwner, makeDataKey, openDataKey } from '../../../kit/kms.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { makeVault, type Vault } from '../../../lib/vault.ts';
import type { SentMessage } from '../model/message.ts';
import { arnOf, type Queue } from '../model/queue.ts';
import {
  decodeContents,
  decodePlain,
  encodeContents,
  encodePlain,
  type Sealed,
} from '../store/contents.ts';

/** What KMS refuses, as SQS tells it. */
const words = inClasses({
  AccessDeniedException: KmsAccessDenied,
  DisabledException: KmsDisabled,
  InvalidKeyUsageException: KmsInvalidKeyUsage,
  KMSInvalidStateException: KmsInvalidState,
  NotFoundException: KmsNotFound,
  ThrottlingException: KmsThrottled,
});

interface DataKey {
  vault: Vault;
  /** Base64, as KMS wrapped it. */
  wrapped: string;
  /** Epoch milliseconds; from then on KMS is asked again. */
  expiresAt: number;
}

/** Beyond these the oldest is forgotten: KMS is asked again, no more. */
const MOST_KEYS = 1_000;
/** Of this process, never stored; the caller is part of each name, so that nobody uses what another was given. */
const dataKeys = new Map<string, DataKey>();

/**
 * The data key of that name, for as long as the queue reuses one.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#sqs-how-does-the-data-key-reuse-period-work
 */
async function reused(
  ctx: ServiceContext,
  name: string,
  reuseMs: number,
  make: () => Promise<Omit<DataKey, 'expiresAt'>>,
): Promise<DataKey> {
  const now = ctx.clock.now().getTime();
  const known = dataKeys.get(name);
  if (known && known.expiresAt > now) return known;
  const key = { ...(await make()), expiresAt: now + reuseMs };
  dataKeys.delete(name);
  if (dataKeys.size >= MOST_KEYS) dataKeys.delete(dataKeys.keys().next().value as string);
  dataKeys.set(name, key);
  return key;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html: bound to the queue */
const underKey = (ctx: ServiceContext, arn: string) => ({
  ...{ actAs: forwarded(ctx, 'sqs'), words },
  context: { 'aws:sqs:arn': arn },
});

const CONTEXT = 'sqs message';

/** How messages for this queue are written. Asks KMS, as the caller, where the queue has a key. @throws Kms… */
export async function makeSealer(
  ctx: ServiceContext,
  queue: Queue,
): Promise<(plain: SentMessage) => string> {
  const { kms } = queue.settings;
  if (!kms) return (plain) => encodeContents({ plain });
  const arn = arnOf(queue);
  const keyId = keyOfOwner(ctx, queue, kms.keyId);
  const name = JSON.stringify([ctx.principal.arn, arn, keyId]);
  const key = await reused(ctx, name, kms.reuseMs, async () => {
    const { sealed, plaintext } = await makeDataKey(ctx, keyId, underKey(ctx, arn));
    return { wrapped: sealed, vault: makeVault(plaintext) };
  });
  return (plain) => {
    const text = key.vault.seal(encodePlain(plain), CONTEXT);
    return encodeContents({ sealed: { dataKey: key.wrapped, arn, text } });
  };
}

/** Reads what a message holds; where a key of KMS sealed it, as the caller. @throws Kms… */
export async function openContents(
  ctx: ServiceContext,
  queue: Queue,
  body: string,
): Promise<SentMessage> {
  const contents = decodeContents(body);
  return 'plain' in contents ? contents.plain : openSealed(ctx, queue, contents.sealed);
}

async function openSealed(
  ctx: ServiceContext,
  { settings }: Queue,
  { dataKey: wrapped, arn, text }: Sealed,
): Promise<SentMessage> {
  const reuseMs = settings.kms?.reuseMs ?? 0;
  const name = JSON.stringify([ctx.principal.arn, wrapped]);
  const key = await reused(ctx, name, reuseMs, async () => {
    const plaintext = await openDataKey(ctx, { sealed: wrapped }, underKey(ctx, arn));
    return { wrapped, vault: makeVault(plaintext) };
  });
  return decodePlain(key.vault.open(text, CONTEXT).toString('utf8'));
}
