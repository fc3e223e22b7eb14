import {
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { isAwsError } from '../../../aws/errors.ts';
import { forwarded } from '../../../kit/forwarded.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { makeVault } from '../../../lib/vault.ts';
import { invalidKey } from '../errors.ts';
import { parameterArn } from '../model/name.ts';
import type { ParameterVersion } from '../model/parameter.ts';

/** The account's default key for SecureString parameters; KMS makes it when it is first used. */
export const DEFAULT_KEY = 'alias/aws/ssm';

/** What KMS binds a SecureString to: https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html */
const contextOf = (ctx: ServiceContext, name: string) => ({
  PARAMETER_ARN: parameterArn(ctx, name),
});

const kmsOf = (ctx: ServiceContext) => ctx.client(KMSClient, forwarded(ctx, 'ssm'));

type Sealed = Pick<ParameterVersion, 'name' | 'keyId' | 'tier'>;

/**
 * The ciphertext, base64. Like AWS, a standard parameter is encrypted by the key itself, an advanced one,
 * which may be too big for that, by a data key that stands before it.
 * @throws InvalidKeyId in KMS's words, or KMS's AccessDeniedException
 */
export async function sealValue(
  ctx: ServiceContext,
  { name, keyId, tier }: Sealed,
  value: string,
): Promise<string> {
  const EncryptionContext = contextOf(ctx, name);
  const KeyId = keyId ?? DEFAULT_KEY;
  return throughKms(async () => {
    if (tier !== 'Advanced') {
      const command = new EncryptCommand({
        KeyId,
        EncryptionContext,
        Plaintext: Buffer.from(value),
      });
      return toBase64((await kmsOf(ctx).send(command)).CiphertextBlob);
    }
    const dataKey = await kmsOf(ctx).send(
      new GenerateDataKeyCommand({ KeyId, EncryptionContext, KeySpec: 'AES_256' }),
    );
    const sealed = makeVault(dataKey.Plaintext ?? new Uint8Array()).seal(value, name);
    return toBase64(Buffer.from(`${toBase64(dataKey.CiphertextBlob)}.${sealed}`));
  });
}

/** @throws InvalidKeyId in KMS's words, or KMS's AccessDeniedException */
export async function openValue(
  ctx: ServiceContext,
  { name, tier }: Sealed,
  ciphertext: string,
): Promise<string> {
  const EncryptionContext = contextOf(ctx, name);
  return throughKms(async () => {
    const bytes = Buffer.from(ciphertext, 'base64');
    const decrypt = async (CiphertextBlob: Uint8Array) =>
      Buffer.from(
        (await kmsOf(ctx).send(new DecryptCommand({ CiphertextBlob, EncryptionContext })))
          .Plaintext ?? [],
      );
    if (tier !== 'Advanced') return (await decrypt(bytes)).toString('utf8');
    const [dataKey = '', sealed = ''] = bytes.toString('latin1').split('.');
    return makeVault(await decrypt(Buffer.from(dataKey, 'base64')))
      .open(sealed, name)
      .toString('utf8');
  });
}

const toBase64 = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('base64');

/** KMS's errors about the key are InvalidKeyId to callers of Parameter Store. */
async function throughKms<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (
      isAwsError(
        error,
        'NotFoundException',
        'DisabledException',
        'KMSInvalidStateException',
        'InvalidKeyUsageException',
      )
    ) {
      throw invalidKey(
        `${(error as Error).message} (Service: Kms; Error Code: ${(error as Error).name})`,
      );
    }
    throw error;
  }
}
