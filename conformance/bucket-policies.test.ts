import * as kms from '@aws-sdk/client-kms';
import * as s3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from './server.ts';
import { may, OTHER, OWNER, policy, rootOf, userOf } from './two-accounts.ts';

// Who may use a bucket: his own policies or the bucket's in its account, both of them from another one.

let server: TestServer;
let buckets = 0;

beforeAll(async () => {
  server = await startServer({ flags: ['--auth', 'relaxed'] });
});
afterAll(() => server?.stop());

const owner = () => new s3.S3Client({ ...rootOf(server, OWNER), forcePathStyle: true });
async function user(accountId: string, ...statements: object[]) {
  const { arn, client } = await userOf(server, accountId, ...statements);
  return { arn, client, s3: new s3.S3Client({ ...client, forcePathStyle: true }) };
}

async function bucket(): Promise<{ Bucket: string; arn: string }> {
  buckets += 1;
  const Bucket = `policies-${buckets}`;
  await owner().send(new s3.CreateBucketCommand({ Bucket }));
  await owner().send(new s3.PutObjectCommand({ Bucket, Key: 'a', Body: 'text' }));
  return { Bucket, arn: `arn:aws:s3:::${Bucket}` };
}
const setPolicy = (Bucket: string, ...statements: object[]) =>
  owner().send(new s3.PutBucketPolicyCommand({ Bucket, Policy: policy(...statements) }));
const read = async (client: s3.S3Client, Bucket: string) =>
  (await client.send(new s3.GetObjectCommand({ Bucket, Key: 'a' }))).Body?.transformToString();
const write = (client: s3.S3Client, Bucket: string) =>
  client.send(new s3.PutObjectCommand({ Bucket, Key: 'b', Body: 'more' }));

const to = (AWS: string, Action: string | string[], Resource: string | string[]) => ({
  ...{ Effect: 'Allow', Principal: { AWS } },
  ...{ Action, Resource },
});
const refused = (because: string) => ({
  name: 'AccessDenied',
  message: expect.stringContaining(because),
});

test('a policy is kept as it was put, and is gone when it was deleted', async () => {
  const { Bucket, arn } = await bucket();
  const get = () => owner().send(new s3.GetBucketPolicyCommand({ Bucket }));
  await expect(get()).rejects.toMatchObject({ name: 'NoSuchBucketPolicy' });
  const statement = to(`arn:aws:iam::${OTHER}:root`, 's3:GetObject', `${arn}/*`);
  await setPolicy(Bucket, statement);
  expect((await get()).Policy).toBe(policy(statement));
  const status = await owner().send(new s3.GetBucketPolicyStatusCommand({ Bucket }));
  expect(status.PolicyStatus).toEqual({ IsPublic: false });
  await owner().send(new s3.DeleteBucketPolicyCommand({ Bucket }));
  await expect(get()).rejects.toMatchObject({ name: 'NoSuchBucketPolicy' });
});

describe('within the account', () => {
  test('whom the policy names gets in, to what it says', async () => {
    const { Bucket, arn } = await bucket();
    const reader = await user(OWNER);
    await expect(read(reader.s3, Bucket)).rejects.toMatchObject(
      refused('because no identity-based policy allows the s3:GetObject action'),
    );
    await setPolicy(Bucket, to(reader.arn, 's3:GetObject', `${arn}/*`));
    await expect(read(reader.s3, Bucket)).resolves.toBe('text');
    await expect(write(reader.s3, Bucket)).rejects.toMatchObject(refused('s3:PutObject'));
  });

  test('a Deny holds for everybody, the root too', async () => {
    const { Bucket, arn } = await bucket();
    const deny = { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: `${arn}/*` };
    await setPolicy(Bucket, deny);
    await expect(write(owner(), Bucket)).rejects.toMatchObject(
      refused('with an explicit deny in a resource-based policy'),
    );
    await expect(read(owner(), Bucket)).resolves.toBe('text');
  });

  test('the root gets to a policy that shuts out everybody', async () => {
    const { Bucket, arn } = await bucket();
    const admin = await user(OWNER, may('*', 's3:*'));
    const deny = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [arn, `${arn}/*`] };
    await setPolicy(Bucket, deny);
    const remove = new s3.DeleteBucketPolicyCommand({ Bucket });
    await expect(admin.s3.send(remove)).rejects.toMatchObject(refused('explicit deny'));
    await expect(read(owner(), Bucket)).rejects.toMatchObject(refused('explicit deny'));
    await owner().send(remove);
    await expect(read(owner(), Bucket)).resolves.toBe('text');
  });
});

describe('from another account', () => {
  test('both policies must allow it, for reading, writing and listing', async () => {
    const { Bucket, arn } = await bucket();
    const rights = may([arn, `${arn}/*`], 's3:*');
    const [outsider, withoutRights] = [await user(OTHER, rights), await user(OTHER)];
    const list = (client: s3.S3Client) => client.send(new s3.ListObjectsV2Command({ Bucket }));
    const none = refused('because no resource-based policy allows the s3:GetObject action');
    await expect(read(outsider.s3, Bucket)).rejects.toMatchObject(none);
    const root = `arn:aws:iam::${OTHER}:root`;
    await setPolicy(
      Bucket,
      to(root, ['s3:GetObject', 's3:PutObject'], `${arn}/*`),
      to(root, 's3:ListBucket', arn),
    );
    await expect(read(outsider.s3, Bucket)).resolves.toBe('text');
    await expect(write(outsider.s3, Bucket)).resolves.toBeDefined();
    expect((await list(outsider.s3)).KeyCount).toBe(2);
    await expect(read(withoutRights.s3, Bucket)).rejects.toMatchObject(
      refused('because no identity-based policy allows the s3:GetObject action'),
    );
    await expect(
      outsider.s3.send(new s3.DeleteObjectCommand({ Bucket, Key: 'a' })),
    ).rejects.toMatchObject(refused('s3:DeleteObject'));
    const copy = { Bucket, Key: 'c', CopySource: `${Bucket}/a` };
    await expect(outsider.s3.send(new s3.CopyObjectCommand(copy))).resolves.toBeDefined();
    await expect(read(owner(), Bucket)).resolves.toBe('text');
  });

  test('the policy itself is for the owner, whatever it says', async () => {
    const { Bucket, arn } = await bucket();
    const outsider = await user(OTHER, may('*', 's3:*'));
    await setPolicy(Bucket, to(outsider.arn, 's3:*', [arn, `${arn}/*`]));
    const notAllowed = { name: 'MethodNotAllowed' };
    for (const command of [
      new s3.GetBucketPolicyCommand({ Bucket }),
      new s3.DeleteBucketPolicyCommand({ Bucket }),
      new s3.PutBucketPolicyCommand({ Bucket, Policy: policy(to(outsider.arn, 's3:*', arn)) }),
    ])
      await expect(outsider.s3.send(command as s3.DeleteBucketPolicyCommand)).rejects.toMatchObject(
        notAllowed,
      );
  });

  test('a bucket without a policy is its account’s alone, for the other root too', async () => {
    const { Bucket } = await bucket();
    const other = new s3.S3Client({ ...rootOf(server, OTHER), forcePathStyle: true });
    await expect(read(other, Bucket)).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(other.send(new s3.HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    await expect(other.send(new s3.CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'BucketAlreadyExists',
    });
  });

  test('what lies under a key of the owner’s takes the key’s policy too', async () => {
    const { Bucket, arn } = await bucket();
    const keys = new kms.KMSClient(rootOf(server, OWNER));
    const { KeyMetadata } = await keys.send(new kms.CreateKeyCommand({}));
    const key = KeyMetadata?.Arn ?? '';
    const rights = may([key, `${arn}/*`], 'kms:*', 's3:*');
    const outsider = await user(OTHER, rights);
    await setPolicy(Bucket, to(outsider.arn, 's3:*', `${arn}/*`));
    const put = { Bucket, Key: 'a', Body: 'sealed', SSEKMSKeyId: key };
    await owner().send(new s3.PutObjectCommand({ ...put, ServerSideEncryption: 'aws:kms' }));
    await expect(read(outsider.s3, Bucket)).rejects.toMatchObject(refused('kms:Decrypt'));
    const Policy = policy(
      to(`arn:aws:iam::${OWNER}:root`, 'kms:*', '*'),
      to(outsider.arn, 'kms:Decrypt', '*'),
    );
    await keys.send(new kms.PutKeyPolicyCommand({ KeyId: key, Policy }));
    await expect(read(outsider.s3, Bucket)).resolves.toBe('sealed');
  });
});

describe('public policies', () => {
  const open = (arn: string) => to('*', 's3:GetObject', `${arn}/*`);
  const block = (Bucket: string, BlockPublicPolicy: boolean, RestrictPublicBuckets: boolean) =>
    owner().send(
      new s3.PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { BlockPublicPolicy, RestrictPublicBuckets },
      }),
    );

  test('are blocked on new buckets, and restricted to the account where the block says so', async () => {
    const { Bucket, arn } = await bucket();
    const outsider = await user(OTHER, may(`${arn}/*`, 's3:GetObject'));
    await expect(setPolicy(Bucket, open(arn))).rejects.toMatchObject(refused('BlockPublicPolicy'));
    await block(Bucket, false, false);
    await setPolicy(Bucket, open(arn));
    const status = await owner().send(new s3.GetBucketPolicyStatusCommand({ Bucket }));
    expect(status.PolicyStatus).toEqual({ IsPublic: true });
    await expect(read(outsider.s3, Bucket)).resolves.toBe('text');
    await block(Bucket, false, true);
    await expect(read(outsider.s3, Bucket)).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(read((await user(OWNER)).s3, Bucket)).resolves.toBe('text');
  });
});

test.each([
  ['no JSON', () => '{'],
  ['another bucket', () => policy(to('*', 's3:GetObject', 'arn:aws:s3:::other/*'))],
  ['no principal', (arn: string) => policy(may(arn, 's3:ListBucket'))],
  ['too much', (arn: string) => policy({ ...to('*', 's3:*', arn), Sid: 'x'.repeat(20_480) })],
])('a policy of %s is MalformedPolicy', async (_, document) => {
  const { Bucket, arn } = await bucket();
  await expect(
    owner().send(new s3.PutBucketPolicyCommand({ Bucket, Policy: document(arn) })),
  ).rejects.toMatchObject({ name: 'MalformedPolicy' });
});
