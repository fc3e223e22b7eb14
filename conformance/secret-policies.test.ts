import * as kms from '@aws-sdk/client-kms';
import * as sm from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from './server.ts';
import { may, OTHER, OWNER, policy, rootOf, userOf } from './two-accounts.ts';

// Who may read a secret: his own policies, the secret's, and both of them (and the key's) where he is of another account.

let server: TestServer;
let owner: sm.SecretsManagerClient;
let key: string;

beforeAll(async () => {
  server = await startServer({ flags: ['--auth', 'relaxed'] });
  owner = new sm.SecretsManagerClient(rootOf(server, OWNER));
  const keys = new kms.KMSClient(rootOf(server, OWNER));
  const use = (accountId: string, Action: string) => ({
    ...{ Effect: 'Allow', Action, Resource: '*' },
    Principal: { AWS: `arn:aws:iam::${accountId}:root` },
  });
  const Policy = policy(use(OWNER, 'kms:*'), use(OTHER, 'kms:Decrypt'));
  key = (await keys.send(new kms.CreateKeyCommand({ Policy }))).KeyMetadata?.Arn ?? '';
});
afterAll(() => server?.stop());

async function user(accountId: string, ...statements: object[]) {
  const { arn, client } = await userOf(server, accountId, ...statements);
  return { arn, secrets: new sm.SecretsManagerClient(client) };
}

let count = 0;
async function secret(more: Partial<sm.CreateSecretCommandInput> = { KmsKeyId: key }) {
  count += 1;
  const Name = `secret-${count}`;
  const made = await owner.send(
    new sm.CreateSecretCommand({ Name, SecretString: 'its value', ...more }),
  );
  return { name: Name, arn: made.ARN ?? '' };
}

const lets = (AWS: string, ...Action: string[]) => ({
  ...{ Effect: 'Allow', Principal: { AWS }, Action, Resource: '*' },
});
const GET = 'secretsmanager:GetSecretValue';
const BATCH = 'secretsmanager:BatchGetSecretValue';
const put = (
  SecretId: string,
  ResourcePolicy: string,
  more: Partial<sm.PutResourcePolicyCommandInput> = {},
) => owner.send(new sm.PutResourcePolicyCommand({ SecretId, ResourcePolicy, ...more }));
const read = async (client: sm.SecretsManagerClient, SecretId: string) =>
  (await client.send(new sm.GetSecretValueCommand({ SecretId }))).SecretString;
const refused = (because: string) => ({
  name: 'AccessDeniedException',
  message: expect.stringContaining(because),
});
const NO_RESOURCE_POLICY = `because no resource-based policy allows the ${GET} action`;

test('another account reads a secret when its policies, the secret and the key allow it', async () => {
  const { arn, name } = await secret();
  const outsider = await user(OTHER, may('*', GET, BATCH, 'kms:Decrypt'));
  await expect(read(outsider.secrets, arn)).rejects.toMatchObject(refused(NO_RESOURCE_POLICY));
  await put(name, policy(lets(outsider.arn, GET)));
  await expect(read(outsider.secrets, arn)).resolves.toBe('its value');
  const { SecretValues } = await outsider.secrets.send(
    new sm.BatchGetSecretValueCommand({ SecretIdList: [arn] }),
  );
  expect(SecretValues).toMatchObject([{ ARN: arn, SecretString: 'its value' }]);
  await expect(
    outsider.secrets.send(new sm.DescribeSecretCommand({ SecretId: arn })),
  ).rejects.toMatchObject(refused('secretsmanager:DescribeSecret'));
  await owner.send(new sm.DeleteResourcePolicyCommand({ SecretId: name }));
  await expect(read(outsider.secrets, arn)).rejects.toMatchObject(refused(NO_RESOURCE_POLICY));
});

test('whether a secret of another account exists is not told', async () => {
  const { arn } = await secret();
  const outsider = await user(OTHER, may('*', GET));
  const none = arn.replace('secret-', 'nothing-');
  const answer = async (id: string) => {
    const error = await read(outsider.secrets, id).catch((failure: Error) => failure);
    return String((error as Error).message).replace(id, 'ARN');
  };
  expect(await answer(none)).toBe(await answer(arn));
});

test('another account needs rights of its own, the whole ARN, and a key that lets it in', async () => {
  const { arn, name } = await secret();
  const outsider = await user(OTHER);
  const allowed = await user(OTHER, may('*', GET, 'kms:Decrypt'));
  await put(name, policy(lets(`arn:aws:iam::${OTHER}:root`, GET)));
  await expect(read(outsider.secrets, arn)).rejects.toMatchObject(
    refused(`because no identity-based policy allows the ${GET} action`),
  );
  await expect(read(allowed.secrets, arn)).resolves.toBe('its value');
  await expect(read(allowed.secrets, name)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await expect(read(allowed.secrets, arn.slice(0, -'-Ab12Cd'.length))).rejects.toMatchObject(
    refused(NO_RESOURCE_POLICY),
  );
  // AWS's own key of the service is for its account alone.
  const plain = await secret({});
  await put(plain.name, policy(lets(allowed.arn, GET)));
  await expect(read(allowed.secrets, plain.arn)).rejects.toMatchObject(
    refused('Access to KMS is not allowed'),
  );
});

test('within the account the policy of the secret lets in by itself, and denies whoever it is', async () => {
  const { name } = await secret({});
  const named = await user(OWNER);
  await put(name, policy(lets(named.arn, GET)));
  await expect(read(named.secrets, name)).resolves.toBe('its value');
  await put(name, policy({ ...lets(named.arn, GET), Effect: 'Deny', Principal: '*' }));
  await expect(read(owner, name)).rejects.toMatchObject(
    refused('with an explicit deny in a resource-based policy'),
  );
});

test('a policy is kept, shown and removed; one that is none, or public where that is forbidden, is refused', async () => {
  const { name, arn } = await secret({});
  const get = () => owner.send(new sm.GetResourcePolicyCommand({ SecretId: name }));
  expect((await get()).ResourcePolicy).toBeUndefined();
  const open = policy(lets('*', GET));
  await expect(put(name, open, { BlockPublicPolicy: true })).rejects.toMatchObject({
    name: 'PublicPolicyException',
  });
  await expect(put(name, '{}')).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
  await expect(put('nothing', open)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect(await put(name, open)).toMatchObject({ ARN: arn, Name: name });
  expect(await get()).toMatchObject({ ARN: arn, Name: name, ResourcePolicy: open });
  await owner.send(new sm.DeleteResourcePolicyCommand({ SecretId: name }));
  expect((await get()).ResourcePolicy).toBeUndefined();
});

test('a policy can be tried without a secret', async () => {
  const validate = (ResourcePolicy: string) =>
    owner.send(new sm.ValidateResourcePolicyCommand({ ResourcePolicy }));
  expect(await validate(policy(lets(`arn:aws:iam::${OTHER}:root`, GET)))).toMatchObject({
    PolicyValidationPassed: true,
  });
  for (const document of ['{', policy(lets('*', GET))]) {
    const { PolicyValidationPassed, ValidationErrors = [] } = await validate(document);
    expect(PolicyValidationPassed).toBe(false);
    expect(ValidationErrors).toHaveLength(1);
  }
});
