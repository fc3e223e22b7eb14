import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let codebuild: CodeBuildClient;

beforeAll(async () => {
  server = await startServer({ flags: ['--quotas', 'codebuild/L-9D07B6EF=1'] });
  codebuild = new CodeBuildClient(server.client);
  const iam = new IAMClient(server.client);
  const statement = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' } };
  const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: 'builder',
      AssumeRolePolicyDocument: policy({ ...statement, Action: 'sts:AssumeRole' }),
    }),
  );
  const PolicyDocument = policy({ Effect: 'Allow', Action: 'logs:*', Resource: '*' });
  await iam.send(
    new PutRolePolicyCommand({ RoleName: 'builder', PolicyName: 'logs', PolicyDocument }),
  );
  await codebuild.send(
    new CreateProjectCommand({
      ...{ name: 'waiting', serviceRole: Role?.Arn ?? '' },
      source: {
        type: 'NO_SOURCE',
        buildspec: 'version: 0.2\nphases:\n  build:\n    commands: [exec sleep 600]\n',
      },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        ...{ type: 'LINUX_CONTAINER', image: 'alpine', computeType: 'BUILD_GENERAL1_SMALL' },
      },
    }),
  );
});
afterAll(() => server?.stop());

async function start(computeTypeOverride: 'BUILD_GENERAL1_SMALL' | 'BUILD_GENERAL1_MEDIUM') {
  const { build } = await codebuild.send(
    new StartBuildCommand({ projectName: 'waiting', computeTypeOverride }),
  );
  return build?.id ?? '';
}
const phaseOf = async (id: string) =>
  (await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }))).builds?.[0]?.currentPhase;
const running = (id: string) =>
  eventually('the build', async () => (await phaseOf(id)) === 'BUILD');

test('builds beyond the quota of their compute type wait, those of another type do not', async () => {
  const first = await start('BUILD_GENERAL1_SMALL');
  await running(first);
  const second = await start('BUILD_GENERAL1_SMALL');
  const other = await start('BUILD_GENERAL1_MEDIUM');
  await running(other);
  expect(await phaseOf(second)).toBe('QUEUED');
  await codebuild.send(new StopBuildCommand({ id: first }));
  await running(second);
  for (const id of [second, other]) await codebuild.send(new StopBuildCommand({ id }));
});
