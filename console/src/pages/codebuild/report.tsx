import {
  BatchGetReportsCommand,
  CodeBuildClient,
  type CodeCoverage,
  DescribeCodeCoveragesCommand,
  DescribeTestCasesCommand,
  type Report,
  type TestCase,
} from '@aws-sdk/client-codebuild';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import { regionNow } from '../../api/endpoint.ts';
import { useAws, useAwsPages } from '../../api/use-aws.ts';
import { Empty } from '../../parts/empty.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { Long } from '../../parts/long.tsx';
import { Page } from '../../parts/page.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Status } from '../../parts/status.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';
import { durationText } from '../../parts/time-text.ts';
import { useSession } from '../../session/session.ts';
import type { PageProps } from '../page.ts';
import { reportResult } from './reports-of.tsx';

const NANOSECONDS = 1_000_000;

/** A report of a build: its test cases, those that failed first, or how much of each file is covered. */
export default function ReportPage({ params: { group, id } }: PageProps<'group' | 'id'>) {
  const { accountId } = useSession();
  const arn = `arn:aws:codebuild:${regionNow()}:${accountId}:report/${group}:${id}`;
  const { data, error, isPending, refetch } = useAws(
    CodeBuildClient,
    new BatchGetReportsCommand({ reportArns: [arn] }),
  );
  const report = data?.reports?.[0];
  const missing = data && !report ? new Error(`There is no report ${arn}`) : undefined;
  return (
    <Page
      title={report?.name ?? group}
      crumbs={[{ text: 'Build history', service: 'codebuild', fragment: '/builds' }]}
      error={error ?? missing}
      again={() => void refetch()}
      loading={isPending}
    >
      {report && (
        <>
          <Facts report={report} />
          {report.type === 'CODE_COVERAGE' ? <Coverage arn={arn} /> : <Cases arn={arn} />}
        </>
      )}
    </Page>
  );
}

function Facts({ report }: { report: Report }) {
  const build = /:build\/(.+)$/.exec(report.executionId ?? '')?.[1];
  return (
    <KeyValues
      items={[
        ['Status', <Status key="status" of={report.status} />],
        ['Result', reportResult(report)],
        ['Created', <Time key="created" at={report.created} />],
        [
          'Build',
          build && (
            <PlaceLink service="codebuild" to="/builds/:id/view/new" names={{ id: build }}>
              {build}
            </PlaceLink>
          ),
        ],
      ]}
    />
  );
}

const rankOf = ({ status }: TestCase) =>
  status === 'SUCCEEDED' ? 2 : status === 'SKIPPED' ? 1 : 0;

function Cases({ arn }: { arn: string }) {
  const { data, error, isPending, refetch } = useAwsPages(
    CodeBuildClient,
    (nextToken) => new DescribeTestCasesCommand({ reportArn: arn, nextToken }),
    ({ nextToken }) => nextToken,
    { pages: 100 },
  );
  const cases = data?.flatMap(({ testCases = [] }) => testCases);
  return (
    <TablePage<TestCase>
      noun="test cases"
      title="Test cases"
      items={cases?.toSorted((a, b) => rankOf(a) - rankOf(b))}
      loading={isPending}
      error={error}
      again={() => void refetch()}
      keyOf={({ prefix, name, testRawDataPath }) => [testRawDataPath, prefix, name].join(' ')}
      empty={<Empty title="The report has no test case." />}
      columns={[
        {
          id: 'name',
          header: 'Test',
          names: true,
          width: 420,
          by: ({ prefix, name }) => `${prefix ?? ''} ${name ?? ''}`,
          cell: ({ prefix, name, message }) => (
            <>
              {prefix && <small>{prefix} </small>}
              {name}
              {message && (
                <ExpandableSection headerText="Message">
                  <pre className="mono">{message}</pre>
                </ExpandableSection>
              )}
            </>
          ),
        },
        {
          id: 'status',
          header: 'Status',
          width: 140,
          by: ({ status }) => status,
          cell: ({ status }) => <Status of={status} />,
        },
        {
          id: 'duration',
          header: 'Duration',
          by: ({ durationInNanoSeconds = 0 }) => durationInNanoSeconds,
          cell: ({ durationInNanoSeconds: took }) =>
            took === undefined ? '–' : durationText(took / NANOSECONDS),
        },
        {
          id: 'file',
          header: 'File',
          by: ({ testRawDataPath }) => testRawDataPath,
          cell: ({ testRawDataPath }) => <Long text={testRawDataPath} />,
        },
      ]}
    />
  );
}

function Coverage({ arn }: { arn: string }) {
  const { data, error, isPending, refetch } = useAwsPages(
    CodeBuildClient,
    (nextToken) =>
      new DescribeCodeCoveragesCommand({
        ...{ reportArn: arn, sortBy: 'LINE_COVERAGE_PERCENTAGE', nextToken },
      }),
    ({ nextToken }) => nextToken,
    { pages: 100 },
  );
  const percent = (value: number | undefined) =>
    value === undefined ? '–' : `${value.toFixed(1)}%`;
  return (
    <TablePage<CodeCoverage>
      noun="files"
      title="Coverage"
      items={data?.flatMap(({ codeCoverages = [] }) => codeCoverages)}
      loading={isPending}
      error={error}
      again={() => void refetch()}
      keyOf={({ id, filePath = '' }) => id ?? filePath}
      empty={<Empty title="The report has no file." />}
      columns={[
        {
          id: 'file',
          header: 'File',
          names: true,
          width: 420,
          by: ({ filePath }) => filePath,
          cell: ({ filePath }) => <span className="mono">{filePath}</span>,
        },
        {
          id: 'lines',
          header: 'Lines',
          by: ({ lineCoveragePercentage }) => lineCoveragePercentage,
          cell: ({ lineCoveragePercentage }) => percent(lineCoveragePercentage),
        },
        {
          id: 'branches',
          header: 'Branches',
          by: ({ branchCoveragePercentage }) => branchCoveragePercentage,
          cell: ({ branchCoveragePercentage }) => percent(branchCoveragePercentage),
        },
        {
          id: 'missed',
          header: 'Lines missed',
          by: ({ linesMissed }) => linesMissed,
          cell: ({ linesMissed }) => linesMissed ?? '–',
        },
      ]}
    />
  );
}
