import { randomBytes } from 'node:crypto';
import type { GenerateDataKeyCommandInput } from '@aws-sdk/client-kms';
import { unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { dryRun, incorrectKey, invalidCiphertext, validation } from '../errors.ts';
import {
  authorizedKey,
  authorizeUse,
  locatedBy,
  materialOf,
  onKey,
  type Use,
} from '../keys/use.ts';
import {
  type EncryptionContext,
  keyIdOf,
  decrypt as open,
  encrypt as seal,
} from '../model/ciphertext.ts';
import { assertUsable, type Key, materialIdOf } from '../model/key.ts';
import { keyArn } from '../model/key-id.ts';
import { findKey } from '../store/keys.ts';
import { kms } from './declare.ts';

const usable = onKey({ usable: true });

const ALGORITHM = 'SYMMETRIC_DEFAULT' as const;

export const encrypt = kms('encrypt', usable, async (ctx, input, key) => {
  checkAlgorithm(input.EncryptionAlgorithm);
  if (input.DryRun) throw dryRun();
  const CiphertextBlob = sealWith(
    ctx,
    key,
    input.Plaintext ?? new Uint8Array(),
    input.EncryptionContext,
  );
  return { CiphertextBlob, KeyId: keyArn(key, key.keyId), EncryptionAlgorithm: ALGORITHM };
});

export const decrypt = kms('decrypt', 'self', async (ctx, input) => {
  checkAlgorithm(input.EncryptionAlgorithm);
  refuseRecipient(input.Recipient);
  if (input.DryRunModifiers?.length) throw unsupported('DryRunModifiers');
  const use = {
    action: 'kms:Decrypt',
    encryptionContext: input.EncryptionContext,
    grantTokens: input.GrantTokens,
  };
  const key = await keyOf(ctx, input.CiphertextBlob, input.KeyId, use);
  const Plaintext = openWith(ctx, key, input.CiphertextBlob, input.EncryptionContext);
  if (input.DryRun) throw dryRun();
  return {
    KeyId: keyArn(key, key.keyId),
    Plaintext,
    EncryptionAlgorithm: ALGORITHM,
    KeyMaterialId: materialIdOf(key),
  };
});

export const reEncrypt = kms('reEncrypt', 'self', async (ctx, input) => {
  checkAlgorithm(input.SourceEncryptionAlgorithm);
  checkAlgorithm(input.DestinationEncryptionAlgorithm);
  if (input.DryRunModifiers?.length) throw unsupported('DryRunModifiers');
  const grantTokens = input.GrantTokens;
  const from = {
    action: 'kms:ReEncryptFrom',
    encryptionContext: input.SourceEncryptionContext,
    grantTokens,
  };
  const to = {
    action: 'kms:ReEncryptTo',
    encryptionContext: input.DestinationEncryptionContext,
    grantTokens,
  };
  const source = await keyOf(ctx, input.CiphertextBlob, input.SourceKeyId, from);
  const destination = await usableKey(ctx, input.DestinationKeyId, to);
  const plaintext = openWith(ctx, source, input.CiphertextBlob, input.SourceEncryptionContext);
  if (input.DryRun) throw dryRun();
  return {
    CiphertextBlob: sealWith(ctx, destination, plaintext, input.DestinationEncryptionContext),
    SourceKeyId: keyArn(source, source.keyId),
    SourceKeyMaterialId: materialIdOf(source),
    DestinationKeyMaterialId: materialIdOf(destination),
    KeyId: keyArn(destination, destination.keyId),
    SourceEncryptionAlgorithm: ALGORITHM,
    DestinationEncryptionAlgorithm: ALGORITHM,
  };
});

export const generateDataKey = kms('generateDataKey', usable, async (ctx, input, key) => {
  refuseRecipient(input.Recipient);
  return dataKey(ctx, input, key);
});

export const generateDataKeyWithoutPlaintext = kms(
  'generateDataKeyWithoutPlaintext',
  usable,
  async (ctx, input, key) => {
    const { Plaintext: _, ...shown } = dataKey(ctx, input, key);
    return shown;
  },
);

export const generateRandom = kms('generateRandom', {}, async (_ctx, input) => {
  refuseRecipient(input.Recipient);
  if (input.CustomKeyStoreId) throw unsupported('custom key stores');
  if (input.NumberOfBytes === undefined) throw validation('NumberOfBytes is required');
  return { Plaintext: randomBytes(input.NumberOfBytes) };
});

function dataKey(ctx: ServiceContext, input: GenerateDataKeyCommandInput, key: Key) {
  const length = dataKeyLength(input);
  if (input.DryRun) throw dryRun();
  const Plaintext = randomBytes(length);
  const CiphertextBlob = sealWith(ctx, key, Plaintext, input.EncryptionContext);
  return {
    ...{ CiphertextBlob, Plaintext },
    KeyId: keyArn(key, key.keyId),
    KeyMaterialId: materialIdOf(key),
  };
}

/** Bytes. @throws ValidationException unless exactly one of KeySpec and NumberOfBytes is given */
function dataKeyLength({ KeySpec, NumberOfBytes }: GenerateDataKeyCommandInput): number {
  if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
    throw validation('Please specify either number of bytes or key spec.');
  }
  return NumberOfBytes ?? (KeySpec === 'AES_128' ? 16 : 32);
}

async function usableKey(ctx: ServiceContext, argument: string | undefined, use: Use) {
  const key = await authorizedKey(ctx, argument, use);
  assertUsable(key);
  return key;
}

/** The key that made a ciphertext, which must also be the one that the caller named, if he did. */
async function keyOf(
  ctx: ServiceContext,
  ciphertext: Uint8Array | undefined,
  named: string | undefined,
  use: Use,
): Promise<Key> {
  const expected = named === undefined ? undefined : await usableKey(ctx, named, use);
  const keyId = ciphertext && keyIdOf(ciphertext);
  const key = keyId && (await findKey(ctx.db, keyId));
  if (!key || key.region !== ctx.region) throw invalidCiphertext();
  if (expected && expected.keyId !== key.keyId) throw incorrectKey();
  if (!expected) {
    await authorizeUse(ctx, locatedBy(key), key, use);
    assertUsable(key);
  }
  return key;
}

function sealWith(
  ctx: ServiceContext,
  key: Key,
  plaintext: Uint8Array,
  context?: EncryptionContext,
): Buffer {
  return seal(key.keyId, materialOf(ctx, key), plaintext, context);
}

function openWith(
  ctx: ServiceContext,
  key: Key,
  ciphertext: Uint8Array | undefined,
  context?: EncryptionContext,
) {
  const plaintext = ciphertext && open(materialOf(ctx, key), ciphertext, context);
  if (!plaintext) throw invalidCiphertext();
  return plaintext;
}

function checkAlgorithm(algorithm: string = ALGORITHM): void {
  if (algorithm !== ALGORITHM) {
    throw validation(
      `EncryptionAlgorithm ${algorithm} is not compatible with key spec SYMMETRIC_DEFAULT`,
    );
  }
}

function refuseRecipient(recipient: unknown): void {
  if (recipient) throw unsupported('the Recipient of Nitro enclaves');
}
