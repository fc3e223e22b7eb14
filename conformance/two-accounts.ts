import * as iam from '@aws-sdk/client-iam';
import type { TestServer } from './server.ts';

// Two accounts of one relaxed server, where twelve digits as access key are the root of that account.

export const OWNER = '111111111111';
export const OTHER = '222222222222';

/** Configuration of a client that is the root of an account. */
export const rootOf = (server: TestServer, accountId: string) => ({
  ...server.client,
  credentials: { accessKeyId: accountId, secretAccessKey: 'x' },
});

let users = 0;

/** A new user with these rights, and the configuration of his clients. */
export async function userOf(server: TestServer, accountId: string, ...statements: object[]) {
  const client = new iam.IAMClient(rootOf(server, accountId));
  users += 1;
  const UserName = `user-${users}`;
  await client.send(new iam.CreateUserCommand({ UserName }));
  if (statements.length > 0) {
    const PolicyDocument = policy(...statements);
    await client.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
  }
  const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }));
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
  return {
    arn: `arn:aws:iam::${accountId}:user/${UserName}`,
    client: { ...server.client, credentials: { accessKeyId, secretAccessKey } },
  };
}

export const policy = (...Statement: object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement });
export const may = (Resource: string | string[], ...Action: string[]) => ({
  Effect: 'Allow',
  Action,
  Resource,
});
