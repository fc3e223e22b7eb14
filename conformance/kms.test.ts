import * as kms from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aws, awsError, noAws } from './aws.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let client: kms.KMSClient;

beforeAll(async () => {
  server = await startServer();
  client = new kms.KMSClient(server.client);
});

afterAll(async () => {
  client?.destroy();
  await server?.stop();
});

const failure = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (e) => e,
  );
  return error && `${error.name}: ${error.message}`;
};

async function key(): Promise<{ KeyId: string; Arn: string }> {
  const { KeyMetadata } = await client.send(new kms.CreateKeyCommand({}));
  return { KeyId: KeyMetadata?.KeyId ?? '', Arn: KeyMetadata?.Arn ?? '' };
}

const encrypt = (KeyId: string, text: string, EncryptionContext?: Record<string, string>) =>
  client.send(new kms.EncryptCommand({ KeyId, Plaintext: Buffer.from(text), EncryptionContext }));
const decrypt = async (
  CiphertextBlob?: Uint8Array,
  more: Partial<kms.DecryptCommandInput> = {},
) => {
  const { Plaintext } = await client.send(new kms.DecryptCommand({ CiphertextBlob, ...more }));
  return Buffer.from(Plaintext ?? []).toString();
};

describe('encryption', () => {
  test('round trip under id, ARN, alias and alias ARN; the key is read out of the ciphertext', async () => {
    const { KeyId, Arn } = await key();
    await client.send(new kms.CreateAliasCommand({ AliasName: 'alias/one', TargetKeyId: KeyId }));
    const names = [KeyId, Arn, 'alias/one', Arn.replace(/key\/.*/, 'alias/one')];
    for (const name of names) {
      const sealed = await encrypt(name, 'text');
      expect(sealed.KeyId).toBe(Arn);
      expect(await decrypt(sealed.CiphertextBlob)).toBe('text');
      expect(await decrypt(sealed.CiphertextBlob, { KeyId: name })).toBe('text');
    }
  });

  test('the encryption context counts, its order does not', async () => {
    const { KeyId } = await key();
    const { CiphertextBlob } = await encrypt(KeyId, 'text', { a: '1', b: '2' });
    expect(await decrypt(CiphertextBlob, { EncryptionContext: { b: '2', a: '1' } })).toBe('text');
    const wrong: (Record<string, string> | undefined)[] = [
      undefined,
      { a: '1' },
      { a: '1', b: '3' },
      { a: '1', b: '2', c: '' },
    ];
    for (const EncryptionContext of wrong) {
      expect(await failure(decrypt(CiphertextBlob, { EncryptionContext }))).toMatch(
        /^InvalidCiphertextException/,
      );
    }
  });

  test('a changed ciphertext and another key are refused', async () => {
    const { KeyId } = await key();
    const other = await key();
    const { CiphertextBlob = new Uint8Array() } = await encrypt(KeyId, 'text');
    const changed = Uint8Array.from(CiphertextBlob);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(await failure(decrypt(changed))).toMatch(/^InvalidCiphertextException/);
    expect(await failure(decrypt(Buffer.from('nonsense')))).toMatch(/^InvalidCiphertextException/);
    expect(await failure(decrypt(CiphertextBlob, { KeyId: other.KeyId }))).toMatch(
      /^IncorrectKeyException/,
    );
  });

  test('data keys, with and without plaintext, re-encryption, random bytes', async () => {
    const { KeyId } = await key();
    const other = await key();
    const made = await client.send(new kms.GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
    expect(made.Plaintext).toHaveLength(32);
    const { KeyMetadata } = await client.send(new kms.DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata?.CurrentKeyMaterialId).toMatch(/^[0-9a-f]{64}$/);
    expect(made.KeyMaterialId).toBe(KeyMetadata?.CurrentKeyMaterialId);
    const { Plaintext } = await client.send(
      new kms.DecryptCommand({ CiphertextBlob: made.CiphertextBlob }),
    );
    expect(Plaintext).toEqual(made.Plaintext);
    const sealed = await client.send(
      new kms.GenerateDataKeyWithoutPlaintextCommand({ KeyId, NumberOfBytes: 17 }),
    );
    const moved = await client.send(
      new kms.ReEncryptCommand({
        CiphertextBlob: sealed.CiphertextBlob,
        DestinationKeyId: other.KeyId,
      }),
    );
    expect(moved).toMatchObject({ KeyId: other.Arn, SourceKeyMaterialId: made.KeyMaterialId });
    expect(moved.DestinationKeyMaterialId).not.toBe(made.KeyMaterialId);
    const opened = await client.send(
      new kms.DecryptCommand({ CiphertextBlob: moved.CiphertextBlob }),
    );
    expect(opened.Plaintext).toHaveLength(17);
    const random = await client.send(new kms.GenerateRandomCommand({ NumberOfBytes: 20 }));
    expect(random.Plaintext).toHaveLength(20);
    const both = client.send(new kms.GenerateDataKeyCommand({ KeyId }));
    expect(await failure(both)).toBe(
      'ValidationException: Please specify either number of bytes or key spec.',
    );
  });
});

describe('keys', () => {
  test('states are enforced', async () => {
    const { KeyId, Arn } = await key();
    const { CiphertextBlob } = await encrypt(KeyId, 'text');
    await client.send(new kms.DisableKeyCommand({ KeyId }));
    expect(await failure(encrypt(KeyId, 'x'))).toBe(`DisabledException: ${Arn} is disabled.`);
    expect(await failure(decrypt(CiphertextBlob))).toBe(`DisabledException: ${Arn} is disabled.`);
    await client.send(new kms.EnableKeyCommand({ KeyId }));
    expect(await failure(client.send(new kms.CancelKeyDeletionCommand({ KeyId })))).toBe(
      `KMSInvalidStateException: ${Arn} is not pending deletion.`,
    );
    const scheduled = await client.send(
      new kms.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }),
    );
    expect(scheduled.KeyState).toBe('PendingDeletion');
    const calls = [encrypt(KeyId, 'x'), client.send(new kms.EnableKeyCommand({ KeyId }))];
    for (const refusal of calls.map((call) => failure(call))) {
      expect(await refusal).toBe(`KMSInvalidStateException: ${Arn} is pending deletion.`);
    }
    await client.send(new kms.CancelKeyDeletionCommand({ KeyId }));
    const { KeyMetadata } = await client.send(new kms.DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({ KeyState: 'Disabled', Enabled: false });
  });

  test('that are not there, or not of a kind that is built, are refused by name', async () => {
    const missing = '11111111-2222-3333-4444-555555555555';
    expect(await failure(encrypt(missing, 'x'))).toMatch(
      /^NotFoundException: Key 'arn:aws:kms:.*' does not exist$/,
    );
    expect(await failure(encrypt('alias/none', 'x'))).toMatch(
      /^NotFoundException: Alias arn:.*:alias\/none is not found\.$/,
    );
    const hmac = client.send(
      new kms.CreateKeyCommand({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
    );
    expect(await failure(hmac)).toBe(
      'NotImplemented: Slipway does not support the KeySpec HMAC_256 yet.',
    );
    const sign = client.send(
      new kms.SignCommand({
        KeyId: missing,
        Message: Buffer.from('x'),
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
    );
    expect(await failure(sign)).toMatch(/^NotImplemented/);
  });

  test('of AWS are made when asked for, and are for their service only', async () => {
    const { KeyMetadata } = await client.send(
      new kms.DescribeKeyCommand({ KeyId: 'alias/aws/s3' }),
    );
    expect(KeyMetadata).toMatchObject({ KeyManager: 'AWS', KeyState: 'Enabled' });
    expect(await failure(encrypt('alias/aws/s3', 'x'))).toMatch(
      /^AccessDeniedException: .*kms:Encrypt/,
    );
    const removal = client.send(new kms.ScheduleKeyDeletionCommand({ KeyId: KeyMetadata?.KeyId }));
    expect(await failure(removal)).toMatch(/^AccessDeniedException/);
  });
});

test('a default key is not made for who may not use it', async () => {
  const elsewhere = new kms.KMSClient({ ...server.client, region: 'eu-north-1' });
  const KeyId = 'alias/aws/secretsmanager';
  const asked = elsewhere.send(new kms.EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }));
  expect(await failure(asked)).toMatch(/^AccessDeniedException/);
  expect((await elsewhere.send(new kms.ListAliasesCommand({}))).Aliases).toEqual([]);
  expect((await elsewhere.send(new kms.ListKeysCommand({}))).Keys).toEqual([]);
  await elsewhere.send(new kms.DescribeKeyCommand({ KeyId }));
  const { Aliases } = await elsewhere.send(new kms.ListAliasesCommand({}));
  expect(Aliases?.map(({ AliasName }) => AliasName)).toEqual([KeyId]);
  elsewhere.destroy();
});

test('aliases and tags change and are listed in pages', async () => {
  const { KeyId } = await key();
  const other = await key();
  for (const name of ['a', 'b', 'c']) {
    await client.send(
      new kms.CreateAliasCommand({ AliasName: `alias/list/${name}`, TargetKeyId: KeyId }),
    );
  }
  const again = client.send(
    new kms.CreateAliasCommand({ AliasName: 'alias/list/a', TargetKeyId: KeyId }),
  );
  expect(await failure(again)).toMatch(/^AlreadyExistsException/);
  await client.send(
    new kms.UpdateAliasCommand({ AliasName: 'alias/list/b', TargetKeyId: other.KeyId }),
  );
  await client.send(new kms.DeleteAliasCommand({ AliasName: 'alias/list/c' }));
  const pages: (string | undefined)[] = [];
  for await (const page of kms.paginateListAliases({ client, pageSize: 1 }, {})) {
    expect(page.Aliases).toHaveLength(1);
    pages.push(...(page.Aliases ?? []).map((a) => a.AliasName));
  }
  expect(pages.filter((name) => name?.startsWith('alias/list/'))).toEqual([
    'alias/list/a',
    'alias/list/b',
  ]);
  const ofKey = await client.send(new kms.ListAliasesCommand({ KeyId: other.KeyId }));
  expect(ofKey.Aliases).toMatchObject([{ AliasName: 'alias/list/b', TargetKeyId: other.KeyId }]);
  await client.send(
    new kms.TagResourceCommand({
      KeyId,
      Tags: [
        { TagKey: 'k', TagValue: '1' },
        { TagKey: 'l', TagValue: '2' },
      ],
    }),
  );
  await client.send(new kms.UntagResourceCommand({ KeyId, TagKeys: ['l'] }));
  const { Tags } = await client.send(new kms.ListResourceTagsCommand({ KeyId }));
  expect(Tags).toEqual([{ TagKey: 'k', TagValue: '1' }]);
});

describe.skipIf(noAws)('the aws command', () => {
  test('create-key, create-alias, encrypt, describe-key', async () => {
    const { KeyMetadata } = (await aws(server)`kms create-key`) as {
      KeyMetadata: { KeyId: string };
    };
    await aws(server)`kms create-alias --alias-name alias/cli
      --target-key-id ${KeyMetadata.KeyId}`;
    const found = await aws(server)`kms describe-key --key-id alias/cli`;
    expect(found).toMatchObject({
      KeyMetadata: { KeyId: KeyMetadata.KeyId, KeySpec: 'SYMMETRIC_DEFAULT' },
    });
    expect(await awsError(server)`kms describe-key --key-id alias/no`).toMatch(
      /^NotFoundException/,
    );
  });
});
