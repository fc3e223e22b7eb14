import { DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms';
import { forwarded } from '../../../kit/forwarded.ts';
import {
  isUnusable,
  type KmsWords,
  makeDataKey,
  openDataKey,
  throughKms,
} from '../../../kit/kms.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { makeVault } from '../../../lib/vault.ts';
import { invalidKey } from '../errors.ts';
import { parameterArn } from '../model/name.ts';
import type { ParameterVersion } from '../model/parameter.ts';

/** The account's default key for SecureString parameters; KMS makes it when it is first used. */
export const DEFAULT_KEY = 'alias/aws/ssm';

/** KMS's errors about the key are InvalidKeyId to callers of Parameter Store. */
const words: KmsWords = (error) =>
  isUnusable(error)
    ? invalidKey(`${error.message} (Service: Kms; Error Code: ${error.name})`)
    : undefined;

/** What KMS binds a SecureString to: https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html */
const underKey = (ctx: ServiceContext, name: string) => ({
  ...{ actAs: forwarded(ctx, 'ssm'), words },
  context: { PARAMETER_ARN: parameterArn(ctx, name) },
});

type Sealed = Pick<ParameterVersion, 'name' | 'keyId' | 'tier'>;

/**
 * The ciphertext, base64. Like AWS, a standard parameter is encrypted by the key itself, an advanced one,
 * which may be too big for that, by a data key that stands before it.
 * @throws InvalidKeyId in KMS's words, or KMS's AccessDeniedException
 */
export async function sealValue(
  ctx: ServiceContext,
  { name, keyId = DEFAULT_KEY, tier }: Sealed,
  value: string,
): Promise<string> {
  const under = underKey(ctx, name);
  if (tier !== 'Advanced') {
    const Plaintext = Buffer.from(value);
    const asked = { KeyId: keyId, EncryptionContext: under.context, Plaintext };
    const made = await throughKms(ctx, under, (kms) => kms.send(new EncryptCommand(asked)));
    return toBase64(made.CiphertextBlob);
  }
  const dataKey = await makeDataKey(ctx, keyId, under);
  const sealed = makeVault(dataKey.plaintext).seal(value, name);
  return toBase64(Buffer.from(`${dataKey.sealed}.${sealed}`));
}

/** @throws InvalidKeyId in KMS's words, or KMS's AccessDeniedException */
export async function openValue(
  ctx: ServiceContext,
  { name, tier }: Sealed,
  ciphertext: string,
): Promise<string> {
  const under = underKey(ctx, name);
  const CiphertextBlob = Buffer.from(ciphertext, 'base64');
  if (tier !== 'Advanced') {
    const asked = { CiphertextBlob, EncryptionContext: under.context };
    const opened = await throughKms(ctx, under, (kms) => kms.send(new DecryptCommand(asked)));
    return Buffer.from(opened.Plaintext ?? []).toString('utf8');
  }
  const [dataKey = '', sealed = ''] = CiphertextBlob.toString('latin1').split('.');
  const key = await openDataKey(ctx, { sealed: dataKey }, under);
  return makeVault(key).open(sealed, name).toString('utf8');
}

const toBase64 = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('base64');
