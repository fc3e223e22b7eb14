import * as kms from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from './server.ts';
import { may, OTHER, OWNER, policy, rootOf, userOf } from './two-accounts.ts';

// Who may use a key: its policy, his own, and both of them where he is of another account.

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ flags: ['--auth', 'relaxed'] });
});
afterAll(() => server?.stop());

const root = (accountId: string) => rootOf(server, accountId);

async function user(accountId: string, ...statements: object[]) {
  const { arn, client } = await userOf(server, accountId, ...statements);
  return { arn, kms: new kms.KMSClient(client) };
}

const delegation = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${OWNER}:root` },
  Action: 'kms:*',
  Resource: '*',
};
const to = (arn: string, ...Action: string[]) => ({
  Effect: 'Allow',
  Principal: { AWS: arn },
  Action,
  Resource: '*',
});
async function key(options: kms.CreateKeyCommandInput = {}): Promise<string> {
  const client = new kms.KMSClient(root(OWNER));
  return (await client.send(new kms.CreateKeyCommand(options))).KeyMetadata?.Arn ?? '';
}
const setPolicy = (
  KeyId: string,
  Policy: string,
  more: Partial<kms.PutKeyPolicyCommandInput> = {},
) => new kms.KMSClient(root(OWNER)).send(new kms.PutKeyPolicyCommand({ KeyId, Policy, ...more }));
const encrypt = async (client: kms.KMSClient, KeyId: string) =>
  (await client.send(new kms.EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))).KeyId;

const refused = (because: string) => ({
  name: 'AccessDeniedException',
  message: expect.stringContaining(because),
});

describe('within the account', () => {
  test('the default policy leaves it to IAM', async () => {
    const arn = await key();
    await expect(encrypt((await user(OWNER, may(arn, 'kms:Encrypt'))).kms, arn)).resolves.toBe(arn);
    await expect(encrypt((await user(OWNER)).kms, arn)).rejects.toMatchObject(
      refused('because no identity-based policy allows the kms:Encrypt action'),
    );
  });

  test('a policy that names a user lets him in by itself', async () => {
    const arn = await key();
    const named = await user(OWNER);
    await setPolicy(arn, policy(delegation, to(named.arn, 'kms:Encrypt')));
    await expect(encrypt(named.kms, arn)).resolves.toBe(arn);
    await expect(named.kms.send(new kms.DescribeKeyCommand({ KeyId: arn }))).rejects.toMatchObject(
      refused('kms:DescribeKey'),
    );
  });

  test('a policy that leaves nothing to IAM shuts out whom it does not name', async () => {
    const arn = await key();
    const admin = await user(OWNER, may('*', 'kms:*'));
    await setPolicy(arn, policy(to(admin.arn, 'kms:PutKeyPolicy')), {
      BypassPolicyLockoutSafetyCheck: true,
    });
    await expect(encrypt(admin.kms, arn)).rejects.toMatchObject(
      refused('because no resource-based policy allows the kms:Encrypt action'),
    );
  });

  test('a Deny holds for everybody, the root too', async () => {
    const arn = await key();
    const deny = { Effect: 'Deny', Principal: '*', Action: 'kms:Encrypt', Resource: '*' };
    await setPolicy(arn, policy(delegation, deny));
    const denied = refused('with an explicit deny in a resource-based policy');
    await expect(encrypt(new kms.KMSClient(root(OWNER)), arn)).rejects.toMatchObject(denied);
  });

  test('aws:ResourceTag and aws:RequestTag are conditions', async () => {
    const prod = await key({ Tags: [{ TagKey: 'env', TagValue: 'prod' }] });
    const test = await key({ Tags: [{ TagKey: 'env', TagValue: 'test' }] });
    const deny = (key: string, value: string, Action: string) => ({
      ...{ Effect: 'Deny', Action, Resource: '*' },
      Condition: { StringEquals: { [key]: value } },
    });
    const { kms: client } = await user(
      OWNER,
      may('*', 'kms:*'),
      deny('aws:ResourceTag/env', 'prod', 'kms:Encrypt'),
      deny('aws:RequestTag/env', 'prod', 'kms:TagResource'),
    );
    await expect(encrypt(client, test)).resolves.toBe(test);
    await expect(encrypt(client, prod)).rejects.toMatchObject(
      refused('with an explicit deny in an identity-based policy'),
    );
    const tag = (TagValue: string) =>
      client.send(new kms.TagResourceCommand({ KeyId: test, Tags: [{ TagKey: 'env', TagValue }] }));
    await expect(tag('stage')).resolves.toBeDefined();
    await expect(tag('prod')).rejects.toMatchObject(refused('kms:TagResource'));
    const create = (TagValue: string) =>
      client.send(new kms.CreateKeyCommand({ Tags: [{ TagKey: 'env', TagValue }] }));
    await expect(create('stage')).resolves.toBeDefined();
    await expect(create('prod')).rejects.toMatchObject(refused('kms:TagResource'));
  });
});

describe('from another account', () => {
  test('both policies must allow it', async () => {
    const arn = await key();
    const outsider = await user(OTHER, may(arn, 'kms:Encrypt', 'kms:Decrypt'));
    const withoutRights = await user(OTHER);
    await expect(encrypt(outsider.kms, arn)).rejects.toMatchObject(
      refused('because no resource-based policy allows the kms:Encrypt action'),
    );
    await setPolicy(arn, policy(delegation, to(`arn:aws:iam::${OTHER}:root`, 'kms:Encrypt')));
    await expect(encrypt(outsider.kms, arn)).resolves.toBe(arn);
    await expect(encrypt(withoutRights.kms, arn)).rejects.toMatchObject(
      refused('because no identity-based policy allows the kms:Encrypt action'),
    );
    await expect(
      outsider.kms.send(
        new kms.DecryptCommand({
          CiphertextBlob: (
            await new kms.KMSClient(root(OWNER)).send(
              new kms.EncryptCommand({ KeyId: arn, Plaintext: Buffer.from('x') }),
            )
          ).CiphertextBlob,
        }),
      ),
    ).rejects.toMatchObject(refused('kms:Decrypt'));
  });

  test('a key is used, not managed', async () => {
    const arn = await key();
    const outsider = await user(OTHER, may('*', 'kms:*'));
    await setPolicy(arn, policy(delegation, to(outsider.arn, 'kms:*')));
    await expect(encrypt(outsider.kms, arn)).resolves.toBe(arn);
    for (const manage of [
      new kms.PutKeyPolicyCommand({ KeyId: arn, Policy: policy(delegation) }),
      new kms.ScheduleKeyDeletionCommand({ KeyId: arn }),
      new kms.TagResourceCommand({ KeyId: arn, Tags: [{ TagKey: 'a', TagValue: 'b' }] }),
    ])
      await expect(outsider.kms.send(manage as kms.DisableKeyCommand)).rejects.toMatchObject({
        name: 'AccessDeniedException',
      });
  });
});

test.each([
  ['no JSON', '{'],
  ['no principal', policy({ Effect: 'Allow', Action: 'kms:*', Resource: '*' })],
  ['no effect', policy({ Principal: '*', Action: 'kms:*', Resource: '*' })],
  ['its author locked out', policy(to('arn:aws:iam::333333333333:root', 'kms:*'))],
])('a policy with %s is MalformedPolicyDocumentException', async (_, document) => {
  const arn = await key();
  const malformed = { name: 'MalformedPolicyDocumentException' };
  await expect(setPolicy(arn, document)).rejects.toMatchObject(malformed);
  await expect(key({ Policy: document })).rejects.toMatchObject(malformed);
});

test('no key is made with more tags than a key has', async () => {
  const Tags = Array.from({ length: 51 }, (_, n) => ({ TagKey: `k${n}`, TagValue: '' }));
  await expect(key({ Tags })).rejects.toMatchObject({ name: 'LimitExceededException' });
});
