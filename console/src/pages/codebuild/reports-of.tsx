import { BatchGetReportsCommand, CodeBuildClient, type Report } from '@aws-sdk/client-codebuild';
import { chunks } from '../../../../src/lib/chunks.ts';
import { useAwsAll } from '../../api/use-aws.ts';
import { Empty } from '../../parts/empty.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Status } from '../../parts/status.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';
import { durationText } from '../../parts/time-text.ts';

/** `arn:…:report/GROUP:UUID` as the names of its page. */
function reportNames(arn = ''): { group: string; id: string } {
  const [, group = '', id = ''] = /:report\/([^:]+):(.+)$/.exec(arn) ?? [];
  return { group, id };
}

/** "12 of 13 passed" or "81.5% of lines". */
export function reportResult({ testSummary, codeCoverageSummary }: Report): string {
  if (testSummary?.total !== undefined)
    return `${testSummary.statusCounts?.SUCCEEDED ?? 0} of ${testSummary.total} passed`;
  const lines = codeCoverageSummary?.lineCoveragePercentage;
  return lines === undefined ? '–' : `${lines.toFixed(1)}% of lines`;
}

const AT_ONCE = 100;

/** Reports, by their ARNs. */
export function ReportsOf({ arns }: { arns: readonly string[] }) {
  const parts = useAwsAll(
    CodeBuildClient,
    chunks(arns, AT_ONCE).map((reportArns) => new BatchGetReportsCommand({ reportArns })),
  );
  return (
    <TablePage<Report>
      noun="reports"
      title="Reports"
      items={parts.flatMap(({ data }) => data?.reports ?? [])}
      loading={parts.some(({ isLoading }) => isLoading)}
      error={parts.find(({ error }) => error)?.error}
      again={() => {
        for (const part of parts) void part.refetch();
      }}
      keyOf={({ arn = '' }) => arn}
      sorted={{ id: 'created', descending: true }}
      empty={
        <Empty title="There is no report: the buildspec says which files are one.">
          <span className="mono">
            {'reports: {tests: {files: ["junit.xml"], file-format: JUNITXML}}'}
          </span>
        </Empty>
      }
      columns={[
        {
          id: 'name',
          header: 'Report',
          names: true,
          by: ({ name }) => name,
          cell: ({ arn, name }) => (
            <PlaceLink
              service="codebuild"
              to="/testReports/reports/:group/:id"
              names={reportNames(arn)}
            >
              {name}
            </PlaceLink>
          ),
        },
        {
          id: 'type',
          header: 'Type',
          by: ({ type }) => type,
          cell: ({ type }) => (type === 'TEST' ? 'Test' : 'Code coverage'),
        },
        {
          id: 'status',
          header: 'Status',
          by: ({ status }) => status,
          cell: ({ status }) => <Status of={status} />,
        },
        { id: 'result', header: 'Result', cell: reportResult },
        {
          id: 'duration',
          header: 'Duration',
          cell: ({ testSummary }) =>
            testSummary ? durationText((testSummary.durationInNanoSeconds ?? 0) / 1e6) : '–',
        },
        {
          id: 'created',
          header: 'Created',
          by: ({ created }) => created,
          cell: ({ created }) => <Time at={created} />,
        },
      ]}
    />
  );
}
