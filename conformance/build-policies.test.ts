import * as cb from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';
import { may, OTHER, OWNER, policy, rootOf, userOf } from './two-accounts.ts';

// Projects and report groups are shared by their policies: other accounts look at them, and do no more.

let server: TestServer;
let owner: cb.CodeBuildClient;

beforeAll(async () => {
  server = await startServer({ flags: ['--auth', 'relaxed'] });
  owner = new cb.CodeBuildClient(rootOf(server, OWNER));
});
afterAll(() => server?.stop());

async function user(accountId: string, ...statements: object[]) {
  const { arn, client } = await userOf(server, accountId, ...statements);
  return { arn, builds: new cb.CodeBuildClient(client) };
}

/** A new project that makes a report. */
async function project(name: string) {
  const buildspec = [
    'version: 0.2',
    'phases:',
    '  build:',
    '    commands:',
    '      - printf \'<testsuite><testcase name="a"/></testsuite>\' > r.xml',
    'reports:',
    '  tests:',
    '    files: [r.xml]',
  ].join('\n');
  const made = await owner.send(
    new cb.CreateProjectCommand({
      name,
      source: { type: 'NO_SOURCE', buildspec },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        type: 'LINUX_CONTAINER',
        image: 'aws/codebuild/standard:7.0',
        computeType: 'BUILD_GENERAL1_SMALL',
      },
      serviceRole: `arn:aws:iam::${OWNER}:role/build`,
    }),
  );
  return made.project?.arn ?? '';
}
const lets = (AWS: string, ...Action: string[]) => ({
  ...{ Effect: 'Allow', Principal: { AWS }, Action, Resource: '*' },
});
const share = (resourceArn: string, ...statements: object[]) =>
  owner.send(new cb.PutResourcePolicyCommand({ resourceArn, policy: policy(...statements) }));
const refused = (because: string) => ({
  name: 'AccessDeniedException',
  message: expect.stringContaining(because),
});

test('another account looks at a shared project and its builds, and does no more', async () => {
  const arn = await project('shared');
  const { build } = await owner.send(new cb.StartBuildCommand({ projectName: 'shared' }));
  const outsider = await user(OTHER, may('*', 'codebuild:*'));
  const withoutRights = await user(OTHER);
  const get = (client: cb.CodeBuildClient, name = arn) =>
    client.send(new cb.BatchGetProjectsCommand({ names: [name] }));
  const ids = [build?.arn ?? ''];
  const missing = 'because no resource-based policy allows the codebuild:BatchGetProjects action';
  await expect(get(outsider.builds)).rejects.toMatchObject(refused(missing));
  await expect(get(outsider.builds, arn.replace('shared', 'none'))).rejects.toMatchObject(
    refused(missing),
  );
  await share(arn, lets(`arn:aws:iam::${OTHER}:root`, 'codebuild:*'));
  expect((await get(outsider.builds)).projects).toMatchObject([{ name: 'shared' }]);
  expect((await outsider.builds.send(new cb.BatchGetBuildsCommand({ ids }))).builds).toMatchObject([
    { arn: ids[0] },
  ]);
  expect(
    (await outsider.builds.send(new cb.ListBuildsForProjectCommand({ projectName: arn }))).ids,
  ).toEqual([build?.id]);
  await expect(get(withoutRights.builds)).rejects.toMatchObject(
    refused('because no identity-based policy allows'),
  );
  for (const more of [
    new cb.StartBuildCommand({ projectName: arn }),
    new cb.StopBuildCommand({ id: ids[0] }),
    new cb.RetryBuildCommand({ id: ids[0] }),
    new cb.BatchDeleteBuildsCommand({ ids }),
    new cb.UpdateProjectCommand({ name: arn, description: 'mine' }),
    new cb.DeleteProjectCommand({ name: arn }),
    new cb.PutResourcePolicyCommand({ resourceArn: arn, policy: policy(lets('*', '*')) }),
    new cb.GetResourcePolicyCommand({ resourceArn: arn }),
    new cb.DeleteResourcePolicyCommand({ resourceArn: arn }),
  ])
    await expect(outsider.builds.send(more as cb.DeleteProjectCommand)).rejects.toMatchObject(
      refused('because no resource-based policy allows'),
    );
  await owner.send(new cb.DeleteResourcePolicyCommand({ resourceArn: arn }));
  await expect(get(outsider.builds)).rejects.toMatchObject(refused(missing));
});

test('within the account the policy of a project lets in by itself, and denies whoever it is', async () => {
  const arn = await project('own');
  const named = await user(OWNER);
  await share(arn, lets(named.arn, 'codebuild:StartBuild'), {
    ...lets('*', 'codebuild:DeleteProject'),
    Effect: 'Deny',
  });
  await named.builds.send(new cb.StartBuildCommand({ projectName: 'own' }));
  await expect(owner.send(new cb.DeleteProjectCommand({ name: 'own' }))).rejects.toMatchObject(
    refused('with an explicit deny in a resource-based policy'),
  );
});

test('another account looks at the reports of a shared group', async () => {
  await project('tested');
  const { build } = await owner.send(new cb.StartBuildCommand({ projectName: 'tested' }));
  const ids = [build?.id ?? ''];
  await eventually('the build', async () => {
    const { builds } = await owner.send(new cb.BatchGetBuildsCommand({ ids }));
    return builds?.[0]?.buildStatus === 'SUCCEEDED';
  });
  const { reportGroups = [] } = await owner.send(new cb.ListReportGroupsCommand({}));
  const group = reportGroups.find((arn) => arn.endsWith('/tested-tests')) ?? '';
  const outsider = await user(OTHER, may('*', 'codebuild:*'));
  const list = () =>
    outsider.builds.send(new cb.ListReportsForReportGroupCommand({ reportGroupArn: group }));
  await expect(list()).rejects.toMatchObject(refused('because no resource-based policy allows'));
  await share(group, lets(outsider.arn, 'codebuild:*'));
  const { reports = [] } = await list();
  expect(reports).toHaveLength(1);
  const cases = await outsider.builds.send(
    new cb.DescribeTestCasesCommand({ reportArn: reports[0] }),
  );
  expect(cases.testCases).toMatchObject([{ name: 'a' }]);
  const found = await outsider.builds.send(new cb.BatchGetReportsCommand({ reportArns: reports }));
  expect(found.reports).toHaveLength(1);
  await expect(
    outsider.builds.send(new cb.DeleteReportCommand({ arn: reports[0] })),
  ).rejects.toMatchObject(refused('because no resource-based policy allows'));
});

test('a policy is kept and shown; one that is none, or for what has none, is refused', async () => {
  const arn = await project('kept');
  const get = (resourceArn: string) => owner.send(new cb.GetResourcePolicyCommand({ resourceArn }));
  const missing = { name: 'ResourceNotFoundException' };
  await expect(get(arn)).rejects.toMatchObject(missing);
  await expect(get(arn.replace('kept', 'none'))).rejects.toMatchObject(missing);
  const document = policy(lets(`arn:aws:iam::${OTHER}:root`, 'codebuild:BatchGetProjects'));
  await owner.send(new cb.PutResourcePolicyCommand({ resourceArn: arn, policy: document }));
  expect((await get(arn)).policy).toBe(document);
  const put = (resourceArn: string, text: string) =>
    owner.send(new cb.PutResourcePolicyCommand({ resourceArn, policy: text }));
  await expect(put(arn, '{}')).rejects.toMatchObject({ name: 'InvalidInputException' });
  await expect(put('arn', document)).rejects.toMatchObject({ name: 'InvalidInputException' });
  await expect(put(arn.replace('kept', 'none'), document)).rejects.toMatchObject(missing);
  await owner.send(new cb.UpdateProjectCommand({ name: 'kept', description: 'changed' }));
  expect((await get(arn)).policy).toBe(document);
});
