import {
  CodePipelineClient,
  DisableStageTransitionCommand,
  EnableStageTransitionCommand,
  ListPipelineExecutionsCommand,
  type PipelineExecutionSummary,
  RollbackStageCommand,
  StopPipelineExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useAct, useAws } from '../../api/use-aws.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';

interface Of {
  pipeline: string;
  close: () => void;
}

/** Ends a run: after what it is doing, or at once. */
export function StopDialog({ pipeline, executionId, close }: Of & { executionId: string }) {
  const { act } = useAct(CodePipelineClient);
  const [how, setHow] = useState('stop');
  const [reason, setReason] = useState('');
  return (
    <Confirm
      title={`Stop run ${executionId.slice(0, 8)}?`}
      verb="Stop"
      close={close}
      act={() =>
        act(
          new StopPipelineExecutionCommand({
            pipelineName: pipeline,
            pipelineExecutionId: executionId,
            ...(how === 'abandon' && { abandon: true }),
            ...(reason !== '' && { reason }),
          }),
          { done: `Run ${executionId.slice(0, 8)} of ${pipeline} stops.`, sayFailure: false },
        )
      }
    >
      <FormField label="How">
        <RadioGroup
          value={how}
          onChange={({ detail }) => setHow(detail.value)}
          items={[
            {
              value: 'stop',
              label: 'Stop and wait',
              description: 'Actions that run come to their end; then the run is stopped.',
            },
            {
              value: 'abandon',
              label: 'Stop and abandon',
              description: 'The run ends at once; what its actions began may go on.',
            },
          ]}
        />
      </FormField>
      <FormField label="Reason – optional">
        <Input value={reason} onChange={({ detail }) => setReason(detail.value)} />
      </FormField>
    </Confirm>
  );
}

/** Closes the way into a stage, with a reason, or opens it again. */
export function TransitionDialog({
  pipeline,
  stage,
  open,
  close,
}: Of & { stage: string; open: boolean }) {
  const { act } = useAct(CodePipelineClient);
  const [reason, setReason] = useState('');
  const way = { pipelineName: pipeline, stageName: stage, transitionType: 'Inbound' as const };
  const run = () =>
    open
      ? act(new DisableStageTransitionCommand({ ...way, reason }), {
          done: `The transition into ${stage} is closed.`,
          sayFailure: false,
        })
      : act(new EnableStageTransitionCommand(way), {
          done: `The transition into ${stage} is open.`,
          sayFailure: false,
        });
  return (
    <Confirm
      title={open ? `Close the transition into ${stage}?` : `Open the transition into ${stage}?`}
      verb={open ? 'Close' : 'Open'}
      ready={!open || reason.trim() !== ''}
      close={close}
      act={run}
    >
      {open ? (
        <FormField label="Reason" description="Whoever looks at the pipeline reads it.">
          <Input autoFocus value={reason} onChange={({ detail }) => setReason(detail.value)} />
        </FormField>
      ) : (
        'What waits there goes on: the newest run, or in the mode queued the first.'
      )}
    </Confirm>
  );
}

/** Has a stage do again what an earlier run did there. */
export function RollbackDialog({ pipeline, stage, close }: Of & { stage: string }) {
  const { act } = useAct(CodePipelineClient);
  const { data, isPending, error } = useAws(
    CodePipelineClient,
    new ListPipelineExecutionsCommand({
      pipelineName: pipeline,
      filter: { succeededInStage: { stageName: stage } },
    }),
  );
  const [selected, setSelected] = useState<PipelineExecutionSummary[]>([]);
  const target = selected[0]?.pipelineExecutionId;
  return (
    <Confirm
      title={`Roll ${stage} back`}
      verb="Roll back"
      size="large"
      ready={target !== undefined}
      close={close}
      act={() =>
        act(
          new RollbackStageCommand({
            pipelineName: pipeline,
            stageName: stage,
            targetPipelineExecutionId: target,
          }),
          { done: `${stage} goes back to run ${target?.slice(0, 8)}.`, sayFailure: false },
        )
      }
    >
      <SpaceBetween size="s">
        <div>A new run does in this stage what the chosen one did there, with its artifacts.</div>
        <TablePage
          noun="runs"
          title="Runs that succeeded in this stage"
          items={data?.pipelineExecutionSummaries}
          loading={isPending}
          error={error}
          keyOf={({ pipelineExecutionId = '' }) => pipelineExecutionId}
          selection={{ type: 'single', selected, onChange: setSelected }}
          pageSize={8}
          columns={[
            {
              id: 'id',
              header: 'Run',
              names: true,
              by: ({ pipelineExecutionId }) => pipelineExecutionId,
              cell: ({ pipelineExecutionId }) => (
                <span className="mono">{pipelineExecutionId?.slice(0, 8)}</span>
              ),
            },
            {
              id: 'revision',
              header: 'Revision',
              by: ({ sourceRevisions }) => sourceRevisions?.[0]?.revisionSummary,
              cell: ({ sourceRevisions }) => sourceRevisions?.[0]?.revisionSummary ?? '–',
            },
            {
              id: 'started',
              header: 'Started',
              by: ({ startTime }) => startTime,
              cell: ({ startTime }) => <Time at={startTime} />,
            },
          ]}
          empty={<Empty title="No run has succeeded in this stage yet." />}
        />
      </SpaceBetween>
    </Confirm>
  );
}
