import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  KMSAccessDeniedException,
  KMSDisabledException,
  KMSInvalidStateException,
  KMSNotFoundException,
  KMSThrottlingException,
} from '@aws-sdk/client-sns';
import { exception } from '../../../aws/errors.ts';
import { forwarded } from '../../../kit/forwarded.ts';
import type { Platform, ServiceContext } from '../../../kit/service.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { ownValue } from '../../../lib/own.ts';
import { makeVault } from '../../../lib/vault.ts';
import type { Outcome } from '../model/delivery.ts';
import type { Message } from '../model/message.ts';
import type { Topic } from '../model/topic.ts';
import type { StoredMessage } from '../store/deliveries.ts';

/** What KMS refuses, as SNS tells it. */
// biome-ignore lint/suspicious/noExplicitAny: each exception class has options of its own
const FAILURES: Record<string, new (options: any) => Error> = {
  AccessDeniedException: KMSAccessDeniedException,
  DisabledException: KMSDisabledException,
  KMSInvalidStateException: KMSInvalidStateException,
  NotFoundException: KMSNotFoundException,
  ThrottlingException: KMSThrottlingException,
};

/** https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
const contextOf = (topicArn: string) => ({ 'aws:sns:topicArn': topicArn });

/**
 * How messages to a topic are stored: where it has a key, under a data key of it, for which KMS is asked as the
 * publisher. @throws KMS… in SNS's words
 */
export async function makeSealer(
  ctx: ServiceContext,
  { arn, attributes: { KmsMasterKeyId: KeyId } }: Topic,
): Promise<(message: Message) => StoredMessage> {
  if (!KeyId) return (message) => message;
  const { Plaintext, CiphertextBlob } = await throughKms(() =>
    ctx.client(KMSClient, forwarded(ctx, 'sns')).send(
      new GenerateDataKeyCommand({
        KeyId,
        KeySpec: 'AES_256',
        EncryptionContext: contextOf(arn),
      }),
    ),
  );
  const vault = makeVault(Plaintext ?? new Uint8Array());
  const dataKey = Buffer.from(CiphertextBlob ?? []).toString('base64');
  const { principal, accessKeyId } = ctx;
  const publisher = { principal, ...(accessKeyId && { accessKeyId }) };
  return (message) => ({
    sealed: vault.seal(encodeJson(message), message.id),
    ...{ dataKey, publisher },
  });
}

/** The message, or what comes of it that its key does not open it any more. It is opened as its publisher. */
export async function openMessage(
  ctx: Platform,
  topic: Topic,
  id: string,
  stored: StoredMessage,
): Promise<Message | Outcome> {
  if (!('sealed' in stored)) return stored;
  const actAs = { ...stored.publisher, region: topic.region, via: ['sns'] };
  try {
    const { Plaintext } = await ctx.client(KMSClient, actAs).send(
      new DecryptCommand({
        CiphertextBlob: Buffer.from(stored.dataKey, 'base64'),
        EncryptionContext: contextOf(topic.arn),
      }),
    );
    const vault = makeVault(Plaintext ?? new Uint8Array());
    return decodeJson<Message>(vault.open(stored.sealed, id).toString('utf8'));
  } catch (error) {
    const { name, message } = error as Error;
    if (ownValue(FAILURES, name)) return { kind: 'refused', reason: `KMS: ${message}` };
    throw error;
  }
}

async function throughKms<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { name, message } = error as Error;
    const Failure = ownValue(FAILURES, name);
    throw Failure ? exception(Failure, message) : error;
  }
}
