import {
  CodePipelineClient,
  ListPipelineExecutionsCommand,
  type PipelineExecutionSummary,
} from '@aws-sdk/client-codepipeline';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useAwsPages } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { go } from '../../app/router.ts';
import { Empty } from '../../parts/empty.tsx';
import { RunLink } from '../../parts/run-link.tsx';
import { Status } from '../../parts/status.tsx';
import { type Column, TablePage } from '../../parts/table-page.tsx';
import { Duration, Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { StopDialog } from './dialogs.tsx';
import { isOver, triggerText } from './run.ts';
import { toPipeline } from './way.ts';

const columnsOf = (pipeline: string): Column<PipelineExecutionSummary>[] => [
  {
    id: 'id',
    header: 'Run',
    names: true,
    width: 120,
    by: ({ pipelineExecutionId }) => pipelineExecutionId,
    cell: ({ pipelineExecutionId: id = '' }) => <RunLink pipeline={pipeline} id={id} />,
  },
  {
    id: 'status',
    header: 'Status',
    width: 150,
    by: ({ status }) => status,
    cell: ({ status, executionType }) => (
      <>
        <Status of={status} />
        {executionType === 'ROLLBACK' && <small className="quiet"> rollback</small>}
      </>
    ),
  },
  {
    id: 'revision',
    header: 'Revisions',
    by: ({ sourceRevisions = [] }) =>
      sourceRevisions.map((one) => `${one.revisionId} ${one.revisionSummary}`).join(' '),
    cell: ({ sourceRevisions = [] }) =>
      sourceRevisions.map(({ actionName, revisionId, revisionSummary }) => (
        <div key={actionName} className="clamp">
          {actionName} <span className="mono">{revisionId?.slice(0, 8)}</span> {revisionSummary}
        </div>
      )),
  },
  {
    id: 'trigger',
    header: 'Started by',
    by: (run) => triggerText(run),
    cell: (run) => triggerText(run),
  },
  {
    id: 'started',
    header: 'Started',
    width: 150,
    by: ({ startTime }) => startTime,
    cell: ({ startTime }) => <Time at={startTime} />,
  },
  {
    id: 'took',
    header: 'Took',
    width: 120,
    cell: (run) => (
      <Duration from={run.startTime} to={isOver(run.status) ? run.lastUpdateTime : undefined} />
    ),
  },
];

/** All runs of a pipeline that are kept. */
export default function History({ params: { name } }: PageProps<'name'>) {
  const { data, isPending, error, refetch, more } = useAwsPages(
    CodePipelineClient,
    (nextToken) =>
      new ListPipelineExecutionsCommand({ pipelineName: name, maxResults: 100, nextToken }),
    ({ nextToken }) => nextToken,
    { pages: 10 },
  );
  const [selected, setSelected] = useState<PipelineExecutionSummary[]>([]);
  const [stopping, setStopping] = useState<string>();
  const one = selected.length === 1 ? selected[0] : undefined;
  const compare = () =>
    go({
      fragment: fragmentOf('/view/:name/compare/:a/:b', {
        name,
        a: selected[0]?.pipelineExecutionId ?? '',
        b: selected[1]?.pipelineExecutionId ?? '',
      }),
    });
  return (
    <>
      <TablePage
        noun="runs"
        title="History"
        crumbs={toPipeline(name)}
        items={data?.flatMap(({ pipelineExecutionSummaries = [] }) => pipelineExecutionSummaries)}
        loading={isPending}
        error={error}
        again={() => void refetch()}
        more={more}
        keyOf={({ pipelineExecutionId = '' }) => pipelineExecutionId}
        columns={columnsOf(name)}
        selection={{ type: 'multi', selected, onChange: setSelected }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              disabled={one?.status !== 'InProgress'}
              onClick={() => setStopping(one?.pipelineExecutionId)}
            >
              Stop
            </Button>
            <Button
              disabled={selected.length !== 2}
              {...(selected.length !== 2 && { disabledReason: 'Choose two runs' })}
              onClick={compare}
            >
              Compare two
            </Button>
          </SpaceBetween>
        }
        empty={
          <Empty
            title="It did not run yet."
            commands={[`aws codepipeline start-pipeline-execution --name ${name}`]}
          />
        }
      />
      {stopping !== undefined && (
        <StopDialog pipeline={name} executionId={stopping} close={() => setStopping(undefined)} />
      )}
    </>
  );
}
