import * as cb from '@aws-sdk/client-codebuild';
import { expect, test } from 'vitest';
import type { MakeDatabase } from '../../../db/testing.ts';
import { eachDialect } from '../../../db/testing.ts';
import { ACCOUNT, REGION, world } from '../../../testing.ts';
import codebuildService from '../index.ts';
import { insertReport } from '../store/reports.ts';

const OTHER = '222222222222';
const owner = { accountId: ACCOUNT, region: REGION };
const arnOf = (name: string, account = ACCOUNT) =>
  `arn:aws:codebuild:${REGION}:${account}:report-group/${name}`;
const reportOf = (group: string, id: string) =>
  `${arnOf(group).replace('report-group', 'report')}:${id}`;

async function start(makeDatabase: MakeDatabase) {
  const server = await world(makeDatabase, [codebuildService]);
  const codebuild = server.client(cb.CodeBuildClient);
  const other = server.client(cb.CodeBuildClient, { accountId: OTHER });
  const create = (name: string, more: Partial<cb.CreateReportGroupInput> = {}) =>
    codebuild.send(
      new cb.CreateReportGroupCommand({
        ...{ name, type: 'TEST', exportConfig: { exportConfigType: 'NO_EXPORT' } },
        ...more,
      }),
    );
  /** A report as a build makes it. */
  const report = (group: string, id: string, of: Partial<cb.Report>, kept: object[] = []) =>
    server.platform.transaction((tx) => {
      const made = { arn: reportOf(group, id), created: server.clock.now(), ...of };
      server.clock.advance(1);
      return insertReport(tx, owner, group, made, kept);
    });
  return { ...server, codebuild, other, create, report };
}

const invalid = (text: string) => ({
  name: 'InvalidInputException',
  message: expect.stringContaining(text),
});

eachDialect('report groups', (makeDatabase) => {
  test('are made, changed and deleted', async () => {
    const { codebuild, create, clock } = await start(makeDatabase);
    const s3 = { bucket: 'reports', path: '', packaging: 'ZIP', encryptionDisabled: true } as const;
    const exportConfig = { exportConfigType: 'S3', s3Destination: s3 } as const;
    const { reportGroup } = await create('unit', { exportConfig });
    expect(reportGroup).toMatchObject({
      ...{ arn: arnOf('unit'), name: 'unit', type: 'TEST', exportConfig, status: 'ACTIVE' },
      created: clock.now(),
    });
    await expect(create('unit')).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    await expect(create('a b')).rejects.toMatchObject(invalid('Invalid report group name'));
    clock.advance(1000);
    const arn = arnOf('unit');
    const changed = await codebuild.send(
      new cb.UpdateReportGroupCommand({ arn, exportConfig: { exportConfigType: 'NO_EXPORT' } }),
    );
    expect(changed.reportGroup).toEqual({
      ...reportGroup,
      ...{ exportConfig: { exportConfigType: 'NO_EXPORT' }, lastModified: clock.now() },
    });
    for (let times = 0; times < 2; times += 1)
      await codebuild.send(new cb.DeleteReportGroupCommand({ arn }));
    const gone = new cb.BatchGetReportGroupsCommand({ reportGroupArns: [arn] });
    expect(await codebuild.send(gone)).toMatchObject({ reportGroupsNotFound: [arn] });
    await expect(
      codebuild.send(new cb.UpdateReportGroupCommand({ arn, tags: [] })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('are deleted with their reports only when asked to', async () => {
    const { codebuild, create, report } = await start(makeDatabase);
    await create('unit');
    await create('units');
    await report('unit', '1', {});
    await report('units', '2', {});
    const arn = arnOf('unit');
    await expect(codebuild.send(new cb.DeleteReportGroupCommand({ arn }))).rejects.toMatchObject(
      invalid('has reports'),
    );
    await codebuild.send(new cb.DeleteReportGroupCommand({ arn, deleteReports: true }));
    const { reports } = await codebuild.send(new cb.ListReportsCommand({}));
    expect(reports).toEqual([reportOf('units', '2')]);
    const { reportGroups } = await codebuild.send(new cb.ListReportGroupsCommand({}));
    expect(reportGroups).toEqual([arnOf('units')]);
  });

  test('are listed in each order, page by page', async () => {
    const { codebuild, create, clock } = await start(makeDatabase);
    for (const name of ['bb', 'cc', 'aa']) {
      await create(name);
      clock.advance(1000);
    }
    await codebuild.send(new cb.UpdateReportGroupCommand({ arn: arnOf('bb'), tags: [] }));
    const walk = async (input: cb.ListReportGroupsInput) => {
      const names: string[] = [];
      const pages = cb.paginateListReportGroups({ client: codebuild, pageSize: 1 }, input);
      for await (const { reportGroups = [] } of pages)
        names.push(...reportGroups.map((arn) => arn.split('/')[1] ?? ''));
      return names.join();
    };
    expect(await walk({})).toBe('aa,bb,cc');
    expect(await walk({ sortBy: 'CREATED_TIME' })).toBe('bb,cc,aa');
    expect(await walk({ sortBy: 'LAST_MODIFIED_TIME', sortOrder: 'DESCENDING' })).toBe('bb,aa,cc');
  });

  test('CB-H6: tell how a number went over their last reports', async () => {
    const { codebuild, create, report } = await start(makeDatabase);
    await create('unit');
    for (const [id, passed] of [
      ['1', 1],
      ['2', 2],
      ['3', 4],
    ] as const) {
      const statusCounts = { SUCCEEDED: passed };
      await report('unit', id, {
        testSummary: { total: 4, statusCounts, durationInNanoSeconds: 5 },
      });
    }
    const trend = (trendField: cb.ReportGroupTrendFieldType, numOfReports?: number) =>
      codebuild.send(
        new cb.GetReportGroupTrendCommand({
          ...{ reportGroupArn: arnOf('unit'), trendField, numOfReports },
        }),
      );
    expect(await trend('PASS_RATE', 2)).toMatchObject({
      stats: { average: '75', max: '100', min: '50' },
      rawData: [
        { reportArn: reportOf('unit', '3'), data: '100' },
        { reportArn: reportOf('unit', '2'), data: '50' },
      ],
    });
    expect((await trend('TOTAL')).rawData).toHaveLength(3);
    await expect(trend('LINES_COVERED')).rejects.toMatchObject(invalid('trend field'));
  });

  test('CB-H4: the coverage of a report by file', async () => {
    const { codebuild, create, report } = await start(makeDatabase);
    await create('cover', { type: 'CODE_COVERAGE' });
    const files = [
      ['a', 50],
      ['b', 10],
      ['c', 90],
    ].map(([filePath, lineCoveragePercentage]) => ({ filePath, lineCoveragePercentage }));
    await report('cover', '1', { type: 'CODE_COVERAGE' }, files);
    const reportArn = reportOf('cover', '1');
    const walk = async (input: Partial<cb.DescribeCodeCoveragesInput>) => {
      const paths: string[] = [];
      const asked = { reportArn, ...input };
      const pages = cb.paginateDescribeCodeCoverages({ client: codebuild, pageSize: 1 }, asked);
      for await (const { codeCoverages = [] } of pages)
        paths.push(...codeCoverages.map(({ filePath = '' }) => filePath));
      return paths.join();
    };
    expect(await walk({})).toBe('a,b,c');
    expect(await walk({ sortOrder: 'DESCENDING' })).toBe('c,b,a');
    expect(await walk({ sortBy: 'LINE_COVERAGE_PERCENTAGE' })).toBe('b,a,c');
    expect(await walk({ minLineCoveragePercentage: 10, maxLineCoveragePercentage: 50 })).toBe(
      'a,b',
    );
    const cases = await codebuild.send(new cb.DescribeTestCasesCommand({ reportArn }));
    expect(cases.testCases).toEqual([]);
    await expect(walk({ reportArn: reportOf('cover', 'none') })).rejects.toMatchObject(
      invalid('does not exist'),
    );
  });

  test('are listed for accounts that they are shared with', async () => {
    const { codebuild, other, create } = await start(makeDatabase);
    const lists = async (
      client: cb.CodeBuildClient,
      input: cb.ListSharedReportGroupsInput = {},
    ) => {
      const arns: string[] = [];
      for await (const { reportGroups = [] } of cb.paginateListSharedReportGroups(
        { client, pageSize: 1 },
        input,
      ))
        arns.push(...reportGroups);
      return arns;
    };
    for (const name of ['aa', 'bb', 'cc']) {
      await create(name);
      const policy = (account: string) =>
        JSON.stringify({
          Version: '2012-10-17',
          Statement: {
            ...{ Effect: 'Allow', Action: 'codebuild:BatchGetReportGroups' },
            ...{ Resource: arnOf(name), Principal: { AWS: account } },
          },
        });
      const account = name === 'bb' ? '333333333333' : OTHER;
      await codebuild.send(
        new cb.PutResourcePolicyCommand({ resourceArn: arnOf(name), policy: policy(account) }),
      );
    }
    expect(await lists(other)).toEqual([arnOf('aa'), arnOf('cc')]);
    expect(await lists(other, { sortBy: 'MODIFIED_TIME', sortOrder: 'DESCENDING' })).toEqual([
      arnOf('cc'),
      arnOf('aa'),
    ]);
    expect(await lists(codebuild)).toEqual([]);
    expect(await other.send(new cb.ListSharedProjectsCommand({}))).toMatchObject({ projects: [] });
  });
});
