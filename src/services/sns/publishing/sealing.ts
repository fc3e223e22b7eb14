import {
  KMSAccessDeniedException,
  KMSDisabledException,
  KMSInvalidStateException,
  KMSNotFoundException,
  KMSThrottlingException,
} from '@aws-sdk/client-sns';
import { forwarded } from '../../../kit/forwarded.ts';
import { inClasses, makeDataKey, openDataKey } from '../../../kit/kms.ts';
import type { Platform, ServiceContext } from '../../../kit/service.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { makeVault } from '../../../lib/vault.ts';
import type { Outcome } from '../model/delivery.ts';
import type { Message } from '../model/message.ts';
import type { Topic } from '../model/topic.ts';
import type { StoredMessage } from '../store/deliveries.ts';

/** What KMS refuses, as SNS tells it. */
const words = inClasses({
  AccessDeniedException: KMSAccessDeniedException,
  DisabledException: KMSDisabledException,
  KMSInvalidStateException: KMSInvalidStateException,
  NotFoundException: KMSNotFoundException,
  ThrottlingException: KMSThrottlingException,
});

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
  const under = { actAs: forwarded(ctx, 'sns'), context: contextOf(arn), words };
  const { plaintext, sealed: dataKey } = await makeDataKey(ctx, KeyId, under);
  const vault = makeVault(plaintext);
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
  /** What is no refusal of KMS's may go another time. */
  const lost = (error: Error) => words(error) && new Lost(`KMS: ${error.message}`);
  const under = { actAs, context: contextOf(topic.arn), words: lost };
  try {
    const vault = makeVault(await openDataKey(ctx, { sealed: stored.dataKey }, under));
    return decodeJson<Message>(vault.open(stored.sealed, id).toString('utf8'));
  } catch (error) {
    if (error instanceof Lost) return { kind: 'refused', reason: error.message };
    throw error;
  }
}

/** A message that its key does not open any more. */
class Lost extends Error {}
