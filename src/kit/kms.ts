import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { isAwsError } from '../aws/errors.ts';
import { forwarded } from './forwarded.ts';
import type { ServiceContext } from './service.ts';

/** How a service says what KMS refuses. */
export interface KmsWords {
  /** The caller may not use the key. Default: KMS's own AccessDeniedException. */
  denied?(error: Error): Error;
  /** The key is not there, disabled, about to be deleted, or not the one. */
  unusable(error: Error): Error;
}

/** What a data key is asked for, and what it is bound to. */
export interface UnderKey {
  /** Who asks KMS for the caller, as in ARNs: `s3`. */
  service: string;
  /** Of the key. Default: the call's. */
  region?: string;
  /** Encryption context: the key opens with the same one only. */
  context: Record<string, string>;
  words: KmsWords;
}

export interface DataKey {
  /** 32 bytes, never stored. */
  plaintext: Uint8Array;
  /** As KMS opens it, base64. */
  sealed: string;
  /** Of the KMS key. */
  keyArn: string;
}

/**
 * Asks KMS for the caller of `ctx`: a customer's key needs his own permission, the service's default key opens to the
 * service's calls.
 * @throws what `words` makes of KMS's refusals; others as they are
 */
export async function throughKms<T>(
  ctx: ServiceContext,
  { service, region, words }: Omit<UnderKey, 'context'>,
  work: (kms: KMSClient) => Promise<T>,
): Promise<T> {
  try {
    return await work(ctx.client(KMSClient, forwarded(ctx, service, region)));
  } catch (error) {
    throw error instanceof Error ? inWords(error, words) : error;
  }
}

const UNUSABLE = [
  ...['NotFoundException', 'DisabledException', 'KMSInvalidStateException'],
  ...['InvalidKeyUsageException', 'InvalidCiphertextException', 'IncorrectKeyException'],
];

function inWords(error: Error, { denied, unusable }: KmsWords): Error {
  if (denied && isAwsError(error, 'AccessDeniedException', 'AccessDenied')) return denied(error);
  return isAwsError(error, ...UNUSABLE) ? unusable(error) : error;
}

/** A new data key under a KMS key: id, ARN or alias. @throws as `throughKms` */
export async function makeDataKey(
  ctx: ServiceContext,
  keyId: string,
  under: UnderKey,
): Promise<DataKey> {
  const asked = { KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: under.context } as const;
  const made = await throughKms(ctx, under, (kms) => kms.send(new GenerateDataKeyCommand(asked)));
  return {
    plaintext: made.Plaintext ?? new Uint8Array(),
    sealed: Buffer.from(made.CiphertextBlob ?? []).toString('base64'),
    keyArn: made.KeyId ?? '',
  };
}

/** @param keyArn refuses what another key sealed. @throws as `throughKms` */
export async function openDataKey(
  ctx: ServiceContext,
  { sealed, keyArn }: Pick<DataKey, 'sealed'> & { keyArn?: string },
  under: UnderKey,
): Promise<Uint8Array> {
  const command = new DecryptCommand({
    CiphertextBlob: Buffer.from(sealed, 'base64'),
    EncryptionContext: under.context,
    ...(keyArn !== undefined && { KeyId: keyArn }),
  });
  return (await throughKms(ctx, under, (kms) => kms.send(command))).Plaintext ?? new Uint8Array();
}
