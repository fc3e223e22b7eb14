import * as client from '@aws-sdk/client-codecommit';
import { ReEncryptCommand } from '@aws-sdk/client-kms';
import { servicePrincipal } from '../../../aws/auth/service.ts';
import type { Caller } from '../../../aws/route-identity.ts';
import { forwarded } from '../../../kit/forwarded.ts';
import * as kms from '../../../kit/kms.ts';
import type { ActAs, Platform, ServiceContext } from '../../../kit/service.ts';
import { encryptionKeyInvalidId, repositoryDoesNotExist } from '../errors.ts';
import {
  findRepositoryById,
  keepDataKey,
  type RepositoryKmsKey,
  type RepositoryRecord,
} from '../store/repositories.ts';

/** Data keys of repositories, wrapped by KMS: docs/decisions/repositories-at-rest.md. */

const DEFAULT_KEY = 'alias/aws/codecommit';
const KEY_ID = /^[a-zA-Z0-9:/_-]{1,2048}$/;
/** KMS is not asked again for the same caller and repository so soon. */
const ASKED_ANEW_MS = 5_000;
const MOST_KNOWN = 10_000;

const words = kms.inClasses({
  AccessDeniedException: client.EncryptionKeyAccessDeniedException,
  NotFoundException: client.EncryptionKeyNotFoundException,
  DisabledException: client.EncryptionKeyDisabledException,
  KMSInvalidStateException: client.EncryptionKeyUnavailableException,
  InvalidKeyUsageException: client.EncryptionKeyInvalidUsageException,
  InvalidCiphertextException: client.EncryptionIntegrityChecksFailedException,
  IncorrectKeyException: client.EncryptionIntegrityChecksFailedException,
});

const contextOf = (repositoryId: string) => ({ 'aws:codecommit:repository-id': repositoryId });

/**
 * The data key of a new repository, for who makes it.
 * @returns also what lets the server use it, once there is such a repository @throws the exceptions of encryption keys
 */
export async function newDataKey(
  ctx: ServiceContext,
  repositoryId: string,
  kmsKeyId: string = DEFAULT_KEY,
): Promise<{ key: RepositoryKmsKey; unlock: () => void }> {
  checkKeyId(kmsKeyId);
  const under = { actAs: forwarded(ctx, 'codecommit'), context: contextOf(repositoryId), words };
  const { keyArn, sealed, plaintext } = await kms.makeDataKey(ctx, kmsKeyId, under);
  return { key: { keyArn, sealed }, unlock: () => ctx.git.unlock(repositoryId, plaintext) };
}

/** @throws EncryptionKeyInvalidIdException */
export function checkKeyId(kmsKeyId: string): void {
  if (!KEY_ID.test(kmsKeyId)) throw encryptionKeyInvalidId();
}

/**
 * The same data key, wrapped by another KMS key.
 * @throws the exceptions of encryption keys
 */
export async function rewrapped(
  ctx: ServiceContext,
  { repositoryId, key }: Pick<RepositoryRecord, 'repositoryId'> & { key: RepositoryKmsKey },
  kmsKeyId: string,
): Promise<RepositoryKmsKey> {
  const context = contextOf(repositoryId);
  const actAs = forwarded(ctx, 'codecommit');
  const command = new ReEncryptCommand({
    CiphertextBlob: Buffer.from(key.sealed, 'base64'),
    SourceKeyId: key.keyArn,
    SourceEncryptionContext: context,
    DestinationKeyId: kmsKeyId,
    DestinationEncryptionContext: context,
  });
  const made = await kms.throughKms(ctx, { actAs, words }, (at) => at.send(command));
  return {
    keyArn: made.KeyId ?? '',
    sealed: Buffer.from(made.CiphertextBlob ?? []).toString('base64'),
  };
}

/**
 * The data key of a repository, which the server asks for by itself; one of an earlier version gets one.
 * @throws the exceptions of encryption keys
 */
export async function repositoryKey(platform: Platform, repositoryId: string): Promise<Uint8Array> {
  const record = await findRepositoryById(platform.db, repositoryId);
  if (!record) throw repositoryDoesNotExist(repositoryId);
  const under: kms.UnderKey = { actAs: itself(record), context: contextOf(repositoryId), words };
  if (record.key) return kms.openDataKey(platform, record.key, under);
  const { keyArn, sealed } = await kms.makeDataKey(platform, DEFAULT_KEY, under);
  await platform.transaction((tx) => keepDataKey(tx, repositoryId, { key: { keyArn, sealed } }));
  return repositoryKey(platform, repositoryId);
}

/** By what the key's policy says: the default key is open to the service, a customer's to whom it names. */
const itself = ({ arn, region }: RepositoryRecord): ActAs => ({
  principal: servicePrincipal('codecommit.amazonaws.com', arn),
  ...{ region, via: ['codecommit'] },
});

/** When KMS let somebody in: by the server's clock, and by one that nobody sets, since the other may be put back. */
interface LetIn {
  at: number;
  measured: number;
}

const isMoment = (ms: number): boolean => ms >= 0 && ms < ASKED_ANEW_MS;

/** Who has been let in a moment ago, by server. */
const known = new WeakMap<object, Map<string, LetIn>>();

/**
 * Asks KMS whether a caller may open a repository now.
 * @throws the exceptions of encryption keys
 */
export async function checkKey(
  platform: Platform,
  caller: Pick<Caller, 'principal' | 'accessKeyId'> & { via?: readonly string[] },
  { repositoryId, region, key }: RepositoryRecord,
): Promise<void> {
  if (!key) return;
  const asked = known.get(platform.engine) ?? new Map<string, LetIn>();
  known.set(platform.engine, asked);
  const { principal, accessKeyId = '', via = [] } = caller;
  const who = JSON.stringify([principal.arn, accessKeyId, via, repositoryId, key.sealed]);
  const now = { at: platform.clock.now().getTime(), measured: performance.now() };
  const last = asked.get(who);
  if (last && isMoment(now.at - last.at) && isMoment(now.measured - last.measured)) return;
  const actAs = forwarded({ principal, accessKeyId, via: [...via], region }, 'codecommit', region);
  const under = { actAs, context: contextOf(repositoryId), words };
  platform.git.unlock(repositoryId, await kms.openDataKey(platform, key, under));
  if (asked.size >= MOST_KNOWN) asked.clear();
  asked.set(who, now);
}

/** Whether KMS has refused a key. */
export function isKeyRefusal(error: unknown): error is Error {
  return error instanceof Error && /^Encryption(Key|Integrity)/.test(error.name);
}
