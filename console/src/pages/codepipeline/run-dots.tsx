import {
  CodePipelineClient,
  ListPipelineExecutionsCommand,
  type PipelineExecutionSummary,
} from '@aws-sdk/client-codepipeline';
import Popover from '@cloudscape-design/components/popover';
import { useAws } from '../../api/use-aws.ts';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Status } from '../../parts/status.tsx';
import { statusKind, statusText } from '../../parts/status-kind.ts';
import { Duration, Time } from '../../parts/time.tsx';
import { isOver } from './run.ts';
import './run-dots.css';

const DOTS = 8;

/** The last runs of a pipeline, newest last, as a listing asks for them. */
const useLastRuns = (pipelineName: string) =>
  useAws(CodePipelineClient, new ListPipelineExecutionsCommand({ pipelineName, maxResults: DOTS }));

/** One dot a run, the newest at the right; each opens what is to say of it. */
export function RunDots({ pipeline }: { pipeline: string }) {
  const { data, error } = useLastRuns(pipeline);
  if (error) return <>–</>;
  const runs = [...(data?.pipelineExecutionSummaries ?? [])].reverse();
  return (
    <span className="dots">
      {runs.map((run) => (
        <Popover
          key={run.pipelineExecutionId}
          triggerType="custom"
          dismissButton={false}
          header={run.pipelineExecutionId?.slice(0, 8)}
          content={<Run pipeline={pipeline} run={run} />}
        >
          <button
            type="button"
            className={`dot ${statusKind(run.status)}`}
            aria-label={`Run ${run.pipelineExecutionId?.slice(0, 8)}: ${statusText(run.status)}`}
          />
        </Popover>
      ))}
    </span>
  );
}

function Run({ pipeline, run }: { pipeline: string; run: PipelineExecutionSummary }) {
  const { status, startTime, lastUpdateTime, pipelineExecutionId = '', sourceRevisions } = run;
  return (
    <div>
      <Status of={status} /> <Time at={startTime} />,{' '}
      <Duration from={startTime} to={isOver(status) ? lastUpdateTime : undefined} />
      <div>{sourceRevisions?.[0]?.revisionSummary}</div>
      <PlaceLink
        service="codepipeline"
        to="/view/:pipeline/executions/:id"
        names={{ pipeline, id: pipelineExecutionId }}
      >
        Open this run
      </PlaceLink>
    </div>
  );
}

/** How and when the last run went. */
export function LastRun({ pipeline }: { pipeline: string }) {
  const { data } = useLastRuns(pipeline);
  const run = data?.pipelineExecutionSummaries?.[0];
  if (!run) return <>–</>;
  return (
    <>
      <Status of={run.status} />{' '}
      <span className="quiet">
        <Time at={run.startTime} />
      </span>
    </>
  );
}

/** What the last run was made of. */
export function LastRevision({ pipeline }: { pipeline: string }) {
  const { data } = useLastRuns(pipeline);
  const revision = data?.pipelineExecutionSummaries?.[0]?.sourceRevisions?.[0];
  if (!revision) return <>–</>;
  return (
    <span className="clamp">
      <span className="mono">{revision.revisionId?.slice(0, 8)}</span> {revision.revisionSummary}
    </span>
  );
}
