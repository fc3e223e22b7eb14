import {
  CodePipelineClient,
  type ConditionType,
  OverrideStageConditionCommand,
  type StageConditionState,
  type StageState,
} from '@aws-sdk/client-codepipeline';
import Button from '@cloudscape-design/components/button';
import { useAct } from '../../api/use-aws.ts';
import { said } from '../../parts/flashes.ts';
import { Status } from '../../parts/status.tsx';

/** Members of a stage's state, what the condition is called, and as what it is overridden. */
const CONDITIONS: Record<'before' | 'after', [keyof StageState, string, ConditionType][]> = {
  before: [['beforeEntryConditionState', 'Entry condition', 'BEFORE_ENTRY']],
  after: [
    ['onSuccessConditionState', 'Success condition', 'ON_SUCCESS'],
    ['onFailureConditionState', 'Failure condition', 'ON_SUCCESS'],
  ],
};

interface Props {
  pipeline: string;
  state: StageState;
  which: 'before' | 'after';
}

/** How a stage's conditions stand, rule by rule; what holds it up can be overridden. */
export function Conditions({ pipeline, state, which }: Props) {
  return CONDITIONS[which].map(([member, text, type]) => {
    const condition = state[member] as StageConditionState | undefined;
    if (condition?.latestExecution === undefined) return null;
    return <Condition key={member} {...{ pipeline, state, condition, text, type }} />;
  });
}

function Condition({
  pipeline,
  state,
  condition,
  text,
  type,
}: {
  pipeline: string;
  state: StageState;
  condition: StageConditionState;
  text: string;
  type: ConditionType;
}) {
  const { act, busy } = useAct(CodePipelineClient);
  const rules = condition.conditionStates?.flatMap(({ ruleStates = [] }) => ruleStates) ?? [];
  const held = state.latestExecution?.status === 'InProgress' && text !== 'Failure condition';
  const override = () =>
    act(
      new OverrideStageConditionCommand({
        pipelineName: pipeline,
        stageName: state.stageName,
        pipelineExecutionId: state.latestExecution?.pipelineExecutionId,
        conditionType: type,
      }),
      { done: `The ${text.toLowerCase()} of ${state.stageName} is overridden.` },
    ).catch(said);
  return (
    <div className="condition">
      <Status of={condition.latestExecution?.status}>{text}</Status>
      {rules.map(({ ruleName, latestExecution }) => (
        <small key={ruleName}>
          {ruleName}: {latestExecution?.status}{' '}
          {latestExecution?.errorDetails?.message ?? latestExecution?.summary}
        </small>
      ))}
      {held && condition.latestExecution?.status !== 'Succeeded' && (
        <Button loading={busy} onClick={() => void override()}>
          Override
        </Button>
      )}
    </div>
  );
}
