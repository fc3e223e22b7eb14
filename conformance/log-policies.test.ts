import * as logs from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from './server.ts';
import { may, OTHER, OWNER, policy, rootOf, userOf } from './two-accounts.ts';

// Who may read and write logs: his own policies, those of the account and the group, and both where he is of another account.

let server: TestServer;
let owner: logs.CloudWatchLogsClient;

beforeAll(async () => {
  server = await startServer({ flags: ['--auth', 'relaxed'] });
  owner = new logs.CloudWatchLogsClient(rootOf(server, OWNER));
});
afterAll(() => server?.stop());

async function user(accountId: string, ...statements: object[]) {
  const { arn, client } = await userOf(server, accountId, ...statements);
  return { arn, logs: new logs.CloudWatchLogsClient(client) };
}

let count = 0;
/** A new group with a stream `s` and a line in it. */
async function group() {
  count += 1;
  const logGroupName = `group-${count}`;
  await owner.send(new logs.CreateLogGroupCommand({ logGroupName }));
  await owner.send(new logs.CreateLogStreamCommand({ logGroupName, logStreamName: 's' }));
  await write(owner, logGroupName);
  const { logGroups = [] } = await owner.send(
    new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }),
  );
  return { name: logGroupName, arn: logGroups[0]?.logGroupArn ?? '' };
}

const write = (client: logs.CloudWatchLogsClient, logGroupName: string) =>
  client.send(
    new logs.PutLogEventsCommand({
      ...{ logGroupName, logStreamName: 's' },
      logEvents: [{ timestamp: Date.now(), message: 'a line' }],
    }),
  );
const read = async (client: logs.CloudWatchLogsClient, logGroupIdentifier: string) => {
  const input = { logGroupIdentifier, logStreamName: 's' };
  const { events = [] } = await client.send(new logs.GetLogEventsCommand(input));
  return events.map(({ message }) => message);
};
const put = (input: logs.PutResourcePolicyCommandInput) =>
  owner.send(new logs.PutResourcePolicyCommand(input));
const lets = (AWS: string, Action: string, Resource = '*') => ({
  ...{ Effect: 'Allow', Principal: { AWS }, Action, Resource },
});
const refused = (because: string) => ({
  name: 'AccessDeniedException',
  message: expect.stringContaining(because),
});
const NO_RESOURCE_POLICY = 'because no resource-based policy allows the logs:GetLogEvents action';

test('another account reads a group when its own policies and those of the group allow it', async () => {
  const { arn } = await group();
  const other = await group();
  const outsider = await user(OTHER, may('*', 'logs:GetLogEvents'));
  const withoutRights = await user(OTHER);
  await expect(read(outsider.logs, arn)).rejects.toMatchObject(refused(NO_RESOURCE_POLICY));
  const policyDocument = policy(lets(`arn:aws:iam::${OTHER}:root`, 'logs:GetLogEvents'));
  const { revisionId } = await put({ policyName: 'readers', resourceArn: arn, policyDocument });
  await expect(read(outsider.logs, arn)).resolves.toEqual(['a line']);
  await expect(read(outsider.logs, other.arn)).rejects.toMatchObject(refused(NO_RESOURCE_POLICY));
  await expect(read(outsider.logs, arn.replace('group-', 'none-'))).rejects.toMatchObject(
    refused(NO_RESOURCE_POLICY),
  );
  await expect(read(withoutRights.logs, arn)).rejects.toMatchObject(
    refused('because no identity-based policy allows the logs:GetLogEvents action'),
  );
  const remove = (expectedRevisionId: string | undefined) =>
    owner.send(new logs.DeleteResourcePolicyCommand({ resourceArn: arn, expectedRevisionId }));
  await expect(remove('another')).rejects.toMatchObject({ name: 'OperationAbortedException' });
  await remove(revisionId);
  await expect(read(outsider.logs, arn)).rejects.toMatchObject(refused(NO_RESOURCE_POLICY));
});

test("the account's policies speak of its groups, each by its statements", async () => {
  const { name, arn } = await group();
  const writer = await user(OWNER);
  await expect(write(writer.logs, name)).rejects.toMatchObject(
    refused('because no identity-based policy allows the logs:PutLogEvents action'),
  );
  const another = await user(OWNER);
  await put({
    policyName: 'one',
    policyDocument: policy(lets(writer.arn, 'logs:PutLogEvents', `${arn}:*`)),
  });
  await put({ policyName: 'two', policyDocument: policy(lets(another.arn, 'logs:GetLogEvents')) });
  await write(writer.logs, name);
  await expect(write(writer.logs, (await group()).name)).rejects.toMatchObject(refused(''));
  await expect(read(another.logs, name)).resolves.toEqual(['a line', 'a line']);
  const { resourcePolicies } = await owner.send(new logs.DescribeResourcePoliciesCommand({}));
  expect(resourcePolicies).toMatchObject([
    { policyName: 'one', policyScope: 'ACCOUNT' },
    { policyName: 'two', policyScope: 'ACCOUNT' },
  ]);
  const deny = { ...lets('*', 'logs:PutLogEvents'), Effect: 'Deny' };
  await put({ policyName: 'two', policyDocument: policy(deny) });
  await expect(write(owner, name)).rejects.toMatchObject(
    refused('with an explicit deny in a resource-based policy'),
  );
  for (const policyName of ['one', 'two'])
    await owner.send(new logs.DeleteResourcePolicyCommand({ policyName }));
  await write(owner, name);
  await expect(write(writer.logs, name)).rejects.toMatchObject(refused('logs:PutLogEvents'));
});

test('what is no policy, an eleventh, and one that is not there are refused', async () => {
  const policyDocument = policy(lets('*', 'logs:PutLogEvents'));
  await expect(put({ policyName: 'p', policyDocument: '{}' })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
  await expect(put({ policyDocument })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
  const names = Array.from({ length: 10 }, (_, n) => `policy-${n}`);
  for (const policyName of names) await put({ policyName, policyDocument });
  await put({ policyName: 'policy-0', policyDocument });
  await expect(put({ policyName: 'more', policyDocument })).rejects.toMatchObject({
    name: 'LimitExceededException',
  });
  for (const policyName of names)
    await owner.send(new logs.DeleteResourcePolicyCommand({ policyName }));
  await expect(
    owner.send(new logs.DeleteResourcePolicyCommand({ policyName: 'policy-0' })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
