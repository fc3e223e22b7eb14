import Button from '@cloudscape-design/components/button';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import { GivenLink } from '../../parts/place-link.tsx';
import { Status } from '../../parts/status.tsx';
import { statusKind } from '../../parts/status-kind.ts';
import { Time } from '../../parts/time.tsx';
import { type FlowAction, waits } from './flow.ts';

/** An action: what it is, how it stands, what it made; an approval that waits has its button. */
export function ActionCard({ action, review }: { action: FlowAction; review: () => void }) {
  const { name, provider, category, state } = action;
  const run = state?.latestExecution;
  const asks = waits(action);
  const revision = state?.currentRevision?.revisionId;
  const message = run?.errorDetails?.message ?? run?.summary;
  return (
    <article className={`action ${statusKind(run?.status)}`} aria-label={`Action ${name}`}>
      <div className="action-head">
        <strong>{name}</strong>
        <small>
          {/* The entity of an approval is what there is to look at: its box shows that. */}
          <GivenLink url={category === 'Approval' ? undefined : state?.entityUrl}>
            {provider}
          </GivenLink>
        </small>
      </div>
      <div>
        {run ? (
          <Status of={run.status}>{asks ? 'Waits for approval' : undefined}</Status>
        ) : (
          <span className="quiet">Did not run yet</span>
        )}{' '}
        {run?.lastStatusChange && (
          <small className="quiet">
            <Time at={run.lastStatusChange} />
          </small>
        )}
      </div>
      {run?.status === 'InProgress' && run.percentComplete !== undefined && (
        <ProgressBar value={run.percentComplete} ariaLabel={`How far ${name} is`} />
      )}
      {revision !== undefined && (
        <small>
          <GivenLink url={state?.revisionUrl}>
            <span className="mono">{revision.slice(0, 8)}</span>
          </GivenLink>
        </small>
      )}
      {message !== undefined && message !== '' && (
        <small className={run?.errorDetails ? 'message failed' : 'message'} title={message}>
          {message}
        </small>
      )}
      {run?.externalExecutionUrl !== undefined && (
        <small>
          <GivenLink url={run.externalExecutionUrl}>Details</GivenLink>
        </small>
      )}
      {asks && (
        <Button variant="primary" onClick={review} ariaLabel={`Review ${name}`}>
          Review
        </Button>
      )}
    </article>
  );
}
