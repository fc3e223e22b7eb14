import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  KmsAccessDenied,
  KmsDisabled,
  KmsInvalidKeyUsage,
  KmsInvalidState,
  KmsNotFound,
  KmsThrottled,
} from '@aws-sdk/client-sqs';
import { formatArn } from '../../../aws/arn.ts';
import { exception } from '../../../aws/errors.ts';
import { forwarded } from '../../../kit/forwarded.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { ownValue } from '../../../lib/own.ts';
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
// biome-ignore lint/suspicious/noExplicitAny: each exception class has options of its own
const FAILURES: Record<string, new (options: any) => Error> = {
  AccessDeniedException: KmsAccessDenied,
  DisabledException: KmsDisabled,
  InvalidKeyUsageException: KmsInvalidKeyUsage,
  KMSInvalidStateException: KmsInvalidState,
  NotFoundException: KmsNotFound,
  ThrottlingException: KmsThrottled,
};

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

const kmsOf = (ctx: ServiceContext) => ctx.client(KMSClient, forwarded(ctx, 'sqs'));

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html: bound to the queue */
const contextOf = (arn: string) => ({ 'aws:sqs:arn': arn });

const CONTEXT = 'sqs message';

/** How messages for this queue are written. Asks KMS, as the caller, where the queue has a key. @throws Kms… */
export async function makeSealer(
  ctx: ServiceContext,
  queue: Queue,
): Promise<(plain: SentMessage) => string> {
  const { kms } = queue.settings;
  if (!kms) return (plain) => encodeContents({ plain });
  const arn = arnOf(queue);
  const KeyId = keyOf(ctx, queue, kms.keyId);
  const key = await reused(ctx, JSON.stringify([ctx.principal.arn, arn, KeyId]), kms.reuseMs, () =>
    throughKms(async () => {
      const { CiphertextBlob, Plaintext } = await kmsOf(ctx).send(
        new GenerateDataKeyCommand({
          KeyId,
          KeySpec: 'AES_256',
          EncryptionContext: contextOf(arn),
        }),
      );
      const wrapped = Buffer.from(CiphertextBlob ?? []).toString('base64');
      return { wrapped, vault: makeVault(Plaintext ?? new Uint8Array()) };
    }),
  );
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
  const key = await reused(ctx, JSON.stringify([ctx.principal.arn, wrapped]), reuseMs, () =>
    throughKms(async () => {
      const { Plaintext } = await kmsOf(ctx).send(
        new DecryptCommand({
          CiphertextBlob: Buffer.from(wrapped, 'base64'),
          EncryptionContext: contextOf(arn),
        }),
      );
      return { wrapped, vault: makeVault(Plaintext ?? new Uint8Array()) };
    }),
  );
  return decodePlain(key.vault.open(text, CONTEXT).toString('utf8'));
}

/** A key of the queue's account, whoever calls. */
function keyOf(ctx: ServiceContext, { accountId, region }: Queue, keyId: string): string {
  if (accountId === ctx.accountId || keyId.startsWith('arn:')) return keyId;
  const resource = keyId.startsWith('alias/') ? keyId : `key/${keyId}`;
  return formatArn({ service: 'kms', region, accountId, resource });
}

async function throughKms<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { name, message } = error as Error;
    const failure = ownValue(FAILURES, name);
    throw failure ? exception(failure, message) : error;
  }
}
