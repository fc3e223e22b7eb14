import {
  CodePipelineClient,
  RetryStageExecutionCommand,
  type StageRetryMode,
} from '@aws-sdk/client-codepipeline';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import { useAct } from '../../api/use-aws.ts';
import { said } from '../../parts/flashes.ts';
import { RunLink } from '../../parts/run-link.tsx';
import { Status } from '../../parts/status.tsx';
import { statusKind } from '../../parts/status-kind.ts';
import { ActionCard } from './action-card.tsx';
import { Conditions } from './conditions.tsx';
import type { FlowAction, FlowStage } from './flow.ts';

export type StageDeed =
  | { deed: 'transition'; stage: string; open: boolean }
  | { deed: 'rollback'; stage: string }
  | {
      deed: 'review';
      stage: string;
      action: string;
      token: string;
      executionId?: string | undefined;
    };

interface Props {
  pipeline: string;
  stage: FlowStage;
  first: boolean;
  ask: (deed: StageDeed) => void;
}

/** A stage with its actions, and the way into it. */
export function StageCard({ pipeline, stage, first, ask }: Props) {
  const { name, state, rows } = stage;
  const latest = state?.latestExecution;
  const review = ({ name: action, state: of }: FlowAction) => {
    const token = of?.latestExecution?.token;
    if (token !== undefined)
      ask({
        deed: 'review',
        ...{ stage: name, action, token, executionId: latest?.pipelineExecutionId },
      });
  };
  return (
    <>
      {!first && <Transition stage={stage} ask={ask} />}
      <section className={`stage ${statusKind(latest?.status)}`} aria-label={`Stage ${name}`}>
        <header>
          <div>
            <h3>{name}</h3>
            {latest ? (
              <>
                <Status of={latest.status} />{' '}
                <RunLink pipeline={pipeline} id={latest.pipelineExecutionId ?? ''} />
              </>
            ) : (
              <span className="quiet">Did not run yet</span>
            )}
          </div>
          <StageButtons {...{ pipeline, stage, first, ask }} />
        </header>
        {state && <Conditions pipeline={pipeline} state={state} which="before" />}
        {rows.map((row, i) => (
          <div className="row" key={row.map((action) => action.name).join(' ')}>
            {i > 0 && <div className="down" aria-hidden="true" />}
            <div className="side-by-side">
              {row.map((action) => (
                <ActionCard key={action.name} action={action} review={() => review(action)} />
              ))}
            </div>
          </div>
        ))}
        {state && <Conditions pipeline={pipeline} state={state} which="after" />}
      </section>
    </>
  );
}

function StageButtons({ pipeline, stage, first, ask }: Props) {
  const { act, busy } = useAct(CodePipelineClient);
  const { name, state } = stage;
  const latest = state?.latestExecution;
  const retry = (retryMode: StageRetryMode) =>
    act(
      new RetryStageExecutionCommand({
        ...{ pipelineName: pipeline, stageName: name, retryMode },
        pipelineExecutionId: latest?.pipelineExecutionId,
      }),
      { done: `${name} is tried again.` },
    ).catch(said);
  const failed = latest?.status === 'Failed' || latest?.status === 'Stopped';
  const items = [
    ...(failed && !first ? [{ id: 'FAILED_ACTIONS', text: 'Retry failed actions' }] : []),
    ...(failed ? [{ id: 'ALL_ACTIONS', text: 'Retry all actions' }] : []),
    ...(first ? [] : [{ id: 'rollback', text: 'Roll back…' }]),
  ];
  if (items.length === 0) return null;
  return (
    <ButtonDropdown
      variant="icon"
      ariaLabel={`What to do with stage ${name}`}
      loading={busy}
      items={items}
      onItemClick={({ detail: { id } }) => {
        if (id === 'rollback') ask({ deed: 'rollback', stage: name });
        else void retry(id as StageRetryMode);
      }}
    />
  );
}

/** The arrow into a stage: open, or closed and why, and what waits before it. */
function Transition({ stage, ask }: { stage: FlowStage; ask: Props['ask'] }) {
  const { inboundTransitionState: way, inboundExecutions = [] } = stage.state ?? {};
  const open = way?.enabled !== false;
  return (
    <div className={open ? 'transition' : 'transition closed'}>
      <div className="arrow" aria-hidden="true" />
      <Button
        variant="inline-icon"
        iconName={open ? 'unlocked' : 'lock-private'}
        ariaLabel={`Transition into ${stage.name}: ${open ? 'open. Close it' : 'closed. Open it'}`}
        onClick={() => ask({ deed: 'transition', stage: stage.name, open })}
      />
      {!open && (
        <small>
          Closed: {way?.disabledReason}{' '}
          <span className="quiet">{lastPart(way?.lastChangedBy)}</span>
        </small>
      )}
      {inboundExecutions.length > 0 && <small>{inboundExecutions.length} waiting</small>}
    </div>
  );
}

const lastPart = (arn = '') => arn.slice(arn.lastIndexOf('/') + 1);
