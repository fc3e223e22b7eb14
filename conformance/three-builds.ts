import { eventually } from './eventually.ts';
import { type Call, each, type Lists, roleOf, type Where } from './three.ts';

const REPORT =
  '<testsuite name="s"><testcase name="a"/><testcase name="b"/><testcase name="c"/></testsuite>';
const COVERAGE = ['a', 'b', 'c'].map((file) => `SF:${file}\nDA:1,1\n`).join('');
const BUILDSPEC = JSON.stringify({
  version: 0.2,
  phases: { build: { commands: [`echo '${REPORT}' > r.xml; echo '${COVERAGE}' > lcov.info`] } },
  reports: {
    ...Object.fromEntries(['r1', 'r2', 'r3'].map((name) => [name, { files: ['r.xml'] }])),
    covered: { files: ['lcov.info'], 'file-format': 'LCOV' },
  },
});

/** Three fleets, three sandboxes, one of them with three sessions, three builds with three reports of three test cases, and three batches that end at once: their buildspec has none. */
export async function reports(call: Call, where: Where): Promise<Lists> {
  await call('codebuild', 'CreateProject', {
    name: 'project',
    source: { type: 'NO_SOURCE', buildspec: BUILDSPEC },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'i', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: roleOf(where),
    buildBatchConfig: { serviceRole: roleOf(where) },
  });
  await each(() => call('codebuild', 'StartBuild', { projectName: 'project' }));
  await each(() => call('codebuild', 'StartBuildBatch', { projectName: 'project' }));
  const sandboxes: string[] = [];
  await each(async () => {
    const { sandbox } = await call('codebuild', 'StartSandbox', { projectName: 'project' });
    sandboxes.push((sandbox as { id: string }).id);
  });
  const [sandboxId] = sandboxes;
  await eventually('a sandbox that takes commands', async () => {
    const asked = await call('codebuild', 'BatchGetSandboxes', { ids: [sandboxId] });
    const [found] = asked.sandboxes as { status?: string }[];
    return found?.status === 'RUN_SANDBOX';
  });
  await each(() => call('codebuild', 'StartCommandExecution', { sandboxId, command: 'true' }));
  const Target = `codebuild:${sandboxId?.split(':')[1]}`;
  await each(() => call('ssm', 'StartSession', { Target }));
  await each((n) =>
    call('codebuild', 'CreateFleet', {
      ...{ name: `fleet-${n}`, baseCapacity: 1, environmentType: 'LINUX_CONTAINER' },
      computeType: 'BUILD_GENERAL1_SMALL',
    }),
  );
  const made = await eventually('the reports of three builds', async () => {
    const found = (await call('codebuild', 'ListReports', {})).reports as string[];
    return found.length === 12 && found;
  });
  const isCovered = (arn: string) => arn.includes('-covered:');
  const reportArn = made.find((arn) => !isCovered(arn)) ?? '';
  return {
    ListBuildBatches: { input: {}, items: 'ids' },
    ListFleets: { input: {}, items: 'fleets' },
    DescribeSessions: { input: { State: 'Active' }, items: 'Sessions' },
    ListSandboxes: { input: {}, items: 'ids' },
    ListSandboxesForProject: { input: { projectName: 'project' }, items: 'ids' },
    ListCommandExecutionsForSandbox: { input: { sandboxId }, items: 'commandExecutions' },
    ListBuildBatchesForProject: { input: { projectName: 'project' }, items: 'ids' },
    DescribeCodeCoverages: {
      input: { reportArn: made.find(isCovered) },
      items: 'codeCoverages',
    },
    DescribeTestCases: { input: { reportArn }, items: 'testCases' },
    ListReportGroups: { input: {}, items: 'reportGroups' },
    ListReports: { input: {}, items: 'reports' },
    ListReportsForReportGroup: {
      input: { reportGroupArn: reportArn.replace(/:report\/([^:]+):.*$/, ':report-group/$1') },
      items: 'reports',
    },
  };
}
