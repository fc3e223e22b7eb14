import type { ActionExecutionDetail, PipelineExecution } from '@aws-sdk/client-codepipeline';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useState } from 'react';
import { Empty } from '../../parts/empty.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { Page } from '../../parts/page.tsx';
import { GivenLink } from '../../parts/place-link.tsx';
import { RunLink } from '../../parts/run-link.tsx';
import { Status } from '../../parts/status.tsx';
import { type Column, TablePage } from '../../parts/table-page.tsx';
import { Duration, Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { StopDialog } from './dialogs.tsx';
import { GanttChart } from './gantt.tsx';
import { isOver, triggerText } from './run.ts';
import { usePhases, useRun } from './use-run.ts';
import { toPipeline } from './way.ts';

const columns: Column<ActionExecutionDetail>[] = [
  {
    id: 'action',
    header: 'Action',
    names: true,
    by: ({ stageName, actionName }) => `${stageName} / ${actionName}`,
    cell: ({ stageName, actionName }) => `${stageName} / ${actionName}`,
  },
  {
    id: 'status',
    header: 'Status',
    width: 150,
    by: ({ status }) => status,
    cell: ({ status }) => <Status of={status} />,
  },
  {
    id: 'provider',
    header: 'Provider',
    width: 140,
    by: ({ input }) => input?.actionTypeId?.provider,
    cell: ({ input }) => input?.actionTypeId?.provider,
  },
  {
    id: 'started',
    header: 'Started',
    width: 140,
    by: ({ startTime }) => startTime,
    cell: ({ startTime }) => <Time at={startTime} />,
  },
  {
    id: 'took',
    header: 'Took',
    width: 110,
    cell: ({ startTime, lastUpdateTime, status }) => (
      <Duration from={startTime} to={isOver(status) ? lastUpdateTime : undefined} />
    ),
  },
  {
    id: 'result',
    header: 'Result',
    by: ({ output }) => output?.executionResult?.externalExecutionSummary,
    cell: ({ output }) => <Result result={output?.executionResult} />,
  },
];

function Result({
  result,
}: {
  result: NonNullable<ActionExecutionDetail['output']>['executionResult'];
}) {
  const message = result?.errorDetails?.message ?? result?.externalExecutionSummary;
  return (
    <div>
      {message && (
        <div className={result?.errorDetails ? 'message failed' : 'message'}>{message}</div>
      )}
      {result?.externalExecutionUrl && (
        <GivenLink url={result.externalExecutionUrl}>Details</GivenLink>
      )}
    </div>
  );
}

/** A run: what it was made of, and what it did when. */
export default function Execution({ params: { name, id } }: PageProps<'name' | 'id'>) {
  const { run, actions, details } = useRun(name, id);
  const phases = usePhases(details);
  const [stopping, setStopping] = useState(false);
  const execution = run.data?.pipelineExecution;
  const going = execution?.status === 'InProgress';
  return (
    <Page
      title={`Run ${id.slice(0, 8)}`}
      crumbs={toPipeline(name)}
      error={run.error ?? actions.error}
      loading={run.isPending}
      again={() => {
        void run.refetch();
        void actions.refetch();
      }}
      actions={
        <Button disabled={!going} onClick={() => setStopping(true)}>
          Stop
        </Button>
      }
    >
      {execution && <Facts execution={execution} details={details} />}
      <Container header={<Header variant="h2">When it did what</Header>}>
        {details.length > 0 ? (
          <GanttChart details={details} phases={phases} />
        ) : (
          <Empty title="Nothing of it has begun yet." />
        )}
      </Container>
      <TablePage
        noun="actions"
        title="Actions"
        items={[...details].reverse()}
        loading={actions.isPending}
        keyOf={({ actionExecutionId = '' }) => actionExecutionId}
        columns={columns}
        empty={<Empty title="Nothing of it has begun yet." />}
      />
      {stopping && <StopDialog pipeline={name} executionId={id} close={() => setStopping(false)} />}
    </Page>
  );
}

function Facts({
  execution,
  details,
}: {
  execution: PipelineExecution;
  details: readonly ActionExecutionDetail[];
}) {
  const { pipelineName = '', pipelineVersion, status, statusSummary } = execution;
  const { artifactRevisions = [], variables = [], executionType, rollbackMetadata } = execution;
  const times = details.flatMap(({ startTime }) => (startTime ? [startTime.getTime()] : []));
  const ends = details.flatMap((detail) =>
    detail.lastUpdateTime ? [detail.lastUpdateTime.getTime()] : [],
  );
  const began = times.length > 0 ? new Date(Math.min(...times)) : undefined;
  const ended = isOver(status) && ends.length > 0 ? new Date(Math.max(...ends)) : undefined;
  const target = rollbackMetadata?.rollbackTargetPipelineExecutionId;
  return (
    <KeyValues
      header="Run"
      items={[
        [
          'Status',
          <>
            <Status of={status} /> {statusSummary}
          </>,
        ],
        ['Started by', triggerText(execution)],
        ['Began', <Time key="began" at={began} />],
        ['Took', <Duration key="took" from={began} to={ended} />],
        ['Mode', execution.executionMode?.toLowerCase()],
        ['Pipeline version', pipelineVersion],
        [
          'Revisions',
          artifactRevisions.map(({ name, revisionId, revisionSummary, revisionUrl }) => (
            <div key={name}>
              {name}{' '}
              <GivenLink url={revisionUrl}>
                <span className="mono">{revisionId?.slice(0, 8)}</span>
              </GivenLink>{' '}
              {revisionSummary}
            </div>
          )),
        ],
        [
          'Variables',
          variables.length > 0
            ? variables.map(({ name, resolvedValue }) => (
                <div key={name} className="mono">
                  {name}={resolvedValue}
                </div>
              ))
            : undefined,
        ],
        ...(executionType === 'ROLLBACK' && target
          ? [
              [
                'Rolls back to',
                <RunLink key="target" pipeline={pipelineName} id={target} />,
              ] as const,
            ]
          : []),
      ]}
    />
  );
}
