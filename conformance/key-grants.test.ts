import * as iam from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import * as sts from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from './server.ts';
import { may, OTHER, OWNER, policy, rootOf, userOf } from './two-accounts.ts';

// What a grant lets do with a key, and who ends it.

let server: TestServer;
let owner: kms.KMSClient;

beforeAll(async () => {
  server = await startServer({ flags: ['--auth', 'relaxed'] });
  owner = new kms.KMSClient(rootOf(server, OWNER));
});
afterAll(() => server?.stop());

async function user(accountId: string, ...statements: object[]) {
  const { arn, client } = await userOf(server, accountId, ...statements);
  return { arn, kms: new kms.KMSClient(client) };
}
const key = async () => {
  const { KeyMetadata } = await owner.send(new kms.CreateKeyCommand({}));
  return KeyMetadata?.Arn ?? '';
};
const grant = async (
  KeyId: string,
  GranteePrincipal: string,
  Operations: kms.GrantOperation[],
  more: Partial<kms.CreateGrantCommandInput> = {},
  client = owner,
) => {
  const input = { KeyId, GranteePrincipal, Operations, ...more };
  const { GrantId = '', GrantToken = '' } = await client.send(new kms.CreateGrantCommand(input));
  return { GrantId, GrantToken };
};
const encrypt = async (
  client: kms.KMSClient,
  KeyId: string,
  more: Partial<kms.EncryptCommandInput> = {},
) =>
  (await client.send(new kms.EncryptCommand({ KeyId, Plaintext: Buffer.from('x'), ...more })))
    .CiphertextBlob;
const denied = { name: 'AccessDeniedException' };

describe('within the account', () => {
  test('a grant lets its grantee do its operations and no others, until it is revoked', async () => {
    const arn = await key();
    const grantee = await user(OWNER);
    await expect(encrypt(grantee.kms, arn)).rejects.toMatchObject(denied);
    const { GrantId } = await grant(arn, grantee.arn, ['Encrypt', 'DescribeKey']);
    const CiphertextBlob = await encrypt(grantee.kms, arn);
    await grantee.kms.send(new kms.DescribeKeyCommand({ KeyId: arn }));
    await expect(
      grantee.kms.send(new kms.DecryptCommand({ CiphertextBlob })),
    ).rejects.toMatchObject(denied);
    await expect(encrypt((await user(OWNER)).kms, arn)).rejects.toMatchObject(denied);
    await expect(encrypt(grantee.kms, await key())).rejects.toMatchObject(denied);
    await owner.send(new kms.RevokeGrantCommand({ KeyId: arn, GrantId }));
    await expect(encrypt(grantee.kms, arn)).rejects.toMatchObject(denied);
  });

  test('a grant to a role is one to its sessions', async () => {
    const arn = await key();
    const roles = new iam.IAMClient(rootOf(server, OWNER));
    const { Role } = await roles.send(
      new iam.CreateRoleCommand({
        RoleName: 'grantee',
        AssumeRolePolicyDocument: policy({
          ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
          Principal: { AWS: `arn:aws:iam::${OWNER}:root` },
        }),
      }),
    );
    const caller = await userOf(server, OWNER, may('*', 'sts:AssumeRole'));
    const RoleArn = Role?.Arn ?? '';
    const { Credentials } = await new sts.STSClient(caller.client).send(
      new sts.AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' }),
    );
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
    const session = new kms.KMSClient({ ...server.client, credentials });
    await expect(encrypt(session, arn)).rejects.toMatchObject(denied);
    await grant(arn, RoleArn, ['Encrypt']);
    await expect(encrypt(session, arn)).resolves.toBeDefined();
  });

  test('a Deny holds against a grant', async () => {
    const arn = await key();
    const deny = { Effect: 'Deny', Action: 'kms:Encrypt', Resource: '*' };
    const grantee = await user(OWNER, deny);
    await grant(arn, grantee.arn, ['Encrypt']);
    await expect(encrypt(grantee.kms, arn)).rejects.toMatchObject({
      ...denied,
      message: expect.stringContaining('with an explicit deny in an identity-based policy'),
    });
  });

  test('a constraint is met by the encryption context', async () => {
    const arn = await key();
    const subset = await user(OWNER);
    const equal = await user(OWNER);
    const of = (a: string, more = {}) => ({ EncryptionContext: { a, ...more } });
    await grant(arn, subset.arn, ['Encrypt'], {
      Constraints: { EncryptionContextSubset: { a: '1' } },
    });
    await grant(arn, equal.arn, ['Encrypt'], {
      Constraints: { EncryptionContextEquals: { a: '1' } },
    });
    await expect(encrypt(subset.kms, arn, of('1', { b: '2' }))).resolves.toBeDefined();
    await expect(encrypt(equal.kms, arn, of('1'))).resolves.toBeDefined();
    for (const [grantee, more] of [
      [subset, {}],
      [subset, of('2')],
      [equal, {}],
      [equal, of('1', { b: '2' })],
    ] as const)
      await expect(encrypt(grantee.kms, arn, more)).rejects.toMatchObject(denied);
  });

  test('who may grant on by a grant gives no more than he has', async () => {
    const arn = await key();
    const first = await user(OWNER);
    const second = await user(OWNER);
    const Constraints = { EncryptionContextSubset: { a: '1' } };
    await grant(arn, first.arn, ['Encrypt', 'CreateGrant'], { Constraints });
    const on = (operations: kms.GrantOperation[], more = {}) =>
      grant(arn, second.arn, operations, more, first.kms);
    await expect(on(['Decrypt'], { Constraints })).rejects.toMatchObject(denied);
    await expect(on(['Encrypt'])).rejects.toMatchObject(denied);
    const other = { EncryptionContextSubset: { b: '1' } };
    await expect(on(['Encrypt'], { Constraints: other })).rejects.toMatchObject(denied);
    await on(['Encrypt'], { Constraints: { EncryptionContextEquals: { a: '1', b: '2' } } });
    const EncryptionContext = { a: '1', b: '2' };
    await expect(encrypt(second.kms, arn, { EncryptionContext })).resolves.toBeDefined();
  });
});

test('another account uses a key by a grant and its own policies', async () => {
  const arn = await key();
  const grantee = await user(OTHER, may('*', 'kms:*'));
  const withoutRights = await user(OTHER);
  await expect(encrypt(grantee.kms, arn)).rejects.toMatchObject(denied);
  await grant(arn, grantee.arn, ['Encrypt']);
  await grant(arn, withoutRights.arn, ['Encrypt']);
  await expect(encrypt(grantee.kms, arn)).resolves.toBeDefined();
  await expect(encrypt(withoutRights.kms, arn)).rejects.toMatchObject(denied);
  await expect(grant(arn, grantee.arn, ['Decrypt'], {}, grantee.kms)).rejects.toMatchObject(denied);
});

describe('retiring', () => {
  const retire = (client: kms.KMSClient, input: kms.RetireGrantCommandInput) =>
    client.send(new kms.RetireGrantCommand(input));

  test('is for who is named for it, for the grantee if the grant says so, and for the root', async () => {
    const KeyId = await key();
    const grantee = await user(OTHER);
    const retiring = await user(OTHER);
    const RetiringPrincipal = retiring.arn;
    const make = (...operations: kms.GrantOperation[]) =>
      grant(KeyId, grantee.arn, operations, { RetiringPrincipal });
    const { GrantId, GrantToken } = await make('Encrypt');
    await expect(retire(grantee.kms, { GrantToken })).rejects.toMatchObject(denied);
    await expect(retire((await user(OWNER)).kms, { KeyId, GrantId })).rejects.toMatchObject(denied);
    const { Grants } = await new kms.KMSClient(rootOf(server, OTHER)).send(
      new kms.ListRetirableGrantsCommand({ RetiringPrincipal }),
    );
    expect(Grants).toMatchObject([{ GrantId, KeyId, RetiringPrincipal }]);
    await retire(retiring.kms, { GrantToken });
    await retire(
      grantee.kms,
      await make('Encrypt', 'RetireGrant').then(({ GrantToken: t }) => ({ GrantToken: t })),
    );
    await retire(owner, { KeyId, GrantId: (await make('Encrypt')).GrantId });
    expect((await owner.send(new kms.ListGrantsCommand({ KeyId }))).Grants).toEqual([]);
    await expect(retire(retiring.kms, { GrantToken })).rejects.toMatchObject({
      name: 'InvalidGrantTokenException',
    });
    await expect(retire(owner, { KeyId, GrantId })).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });

  test('is denied to who is named for it by a Deny of his own', async () => {
    const KeyId = await key();
    const deny = { Effect: 'Deny', Action: 'kms:RetireGrant', Resource: '*' };
    const retiring = await user(OWNER, deny);
    const { GrantToken } = await grant(KeyId, retiring.arn, ['Encrypt'], {
      RetiringPrincipal: retiring.arn,
    });
    await expect(retire(retiring.kms, { GrantToken })).rejects.toMatchObject(denied);
  });
});

test('a grant of one name is made once; tokens are those of grants of the key', async () => {
  const arn = await key();
  const grantee = await user(OWNER);
  const first = await grant(arn, grantee.arn, ['Encrypt'], { Name: 'one' });
  const again = await grant(arn, grantee.arn, ['Encrypt'], { Name: 'one' });
  expect(again.GrantId).toBe(first.GrantId);
  expect((await grant(arn, grantee.arn, ['Encrypt'])).GrantId).not.toBe(first.GrantId);
  const GrantTokens = [again.GrantToken];
  await expect(encrypt(grantee.kms, arn, { GrantTokens })).resolves.toBeDefined();
  const invalid = { name: 'InvalidGrantTokenException' };
  await expect(encrypt(owner, arn, { GrantTokens: ['x'] })).rejects.toMatchObject(invalid);
  await expect(encrypt(owner, await key(), { GrantTokens })).rejects.toMatchObject(invalid);
});

test.each([
  ['a principal that is none', { GranteePrincipal: 'somebody' }, 'InvalidArnException'],
  [
    'an operation of other keys',
    { Operations: ['Sign'] as kms.GrantOperation[] },
    'ValidationException',
  ],
])('a grant with %s is refused', async (_, more, name) => {
  const arn = await key();
  const made = grant(arn, `arn:aws:iam::${OWNER}:root`, ['Encrypt'], more);
  await expect(made).rejects.toMatchObject({ name });
});

test('kms:GrantOperations and kms:GranteePrincipal are conditions', async () => {
  const arn = await key();
  const only = (operations: string[]) => ({
    ...may('*', 'kms:CreateGrant'),
    Condition: { 'ForAllValues:StringEquals': { 'kms:GrantOperations': operations } },
  });
  const granter = await user(OWNER, only(['Encrypt']));
  await grant(arn, granter.arn, ['Encrypt'], {}, granter.kms);
  await expect(grant(arn, granter.arn, ['Decrypt'], {}, granter.kms)).rejects.toMatchObject(denied);
});
