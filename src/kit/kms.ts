import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { formatArn } from '../aws/arn.ts';
import { exception, isAwsError } from '../aws/errors.ts';
import { ownValue } from '../lib/own.ts';
import type { ActAs, Platform } from './platform.ts';
import type { Place } from './resource.ts';

/** How a service says what KMS refuses; undefined where it says it as KMS does. */
export type KmsWords = (error: Error) => Error | undefined;

/** What a data key is asked for, and what it is bound to. */
export interface UnderKey {
  /**
   * For whom KMS is asked, for most `forwarded(ctx, 's3')`: a customer's key needs the caller's own permission, the
   * service's default key opens to the service's calls.
   */
  actAs: ActAs;
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

/** The caller may not use the key. */
export const isDenied = (error: Error): boolean =>
  isAwsError(error, 'AccessDeniedException', 'AccessDenied');

/** The key is not there, disabled, about to be deleted, or not the one. */
export const isUnusable = (error: Error): boolean =>
  isAwsError(
    error,
    ...['NotFoundException', 'DisabledException', 'KMSInvalidStateException'],
    ...['InvalidKeyUsageException', 'InvalidCiphertextException', 'IncorrectKeyException'],
  );

/** The words of a service that has an exception of its own for each of KMS's: classes by KMS's codes. */
export function inClasses(
  // biome-ignore lint/suspicious/noExplicitAny: each exception class has options of its own
  classes: Record<string, new (options: any) => Error>,
): KmsWords {
  return ({ name, message }) => {
    const Class = ownValue(classes, name);
    return Class && exception(Class, message);
  };
}

type Clients = Pick<Platform, 'client'>;

/** @throws what `words` makes of KMS's refusals; others as they are */
export async function throughKms<T>(
  ctx: Clients,
  { actAs, words }: Omit<UnderKey, 'context'>,
  work: (kms: KMSClient) => Promise<T>,
): Promise<T> {
  try {
    return await work(ctx.client(KMSClient, actAs));
  } catch (error) {
    throw (error instanceof Error && words(error)) || error;
  }
}

/** A new data key under a KMS key: id, ARN or alias. @throws as `throughKms` */
export async function makeDataKey(ctx: Clients, keyId: string, under: UnderKey): Promise<DataKey> {
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
  ctx: Clients,
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

/** How a caller of any account names a key of the owner's: id, alias or ARN, as the owner's resource has it. */
export function keyOfOwner(caller: Place, { accountId, region }: Place, keyId: string): string {
  if (accountId === caller.accountId || keyId.startsWith('arn:')) return keyId;
  const resource = keyId.startsWith('alias/') ? keyId : `key/${keyId}`;
  return formatArn({ service: 'kms', region, accountId, resource });
}
