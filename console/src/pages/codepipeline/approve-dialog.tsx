import {
  type ApprovalStatus,
  CodePipelineClient,
  GetPipelineCommand,
  ListActionExecutionsCommand,
  PutApprovalResultCommand,
} from '@aws-sdk/client-codepipeline';
import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useAct, useAws, useAwsPages } from '../../api/use-aws.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { GivenLink } from '../../parts/place-link.tsx';

export interface Waiting {
  stage: string;
  action: string;
  token: string;
  executionId?: string | undefined;
}

const LONGEST = 512;

/** What the approval asks and shows: with its variables filled in where the run's record may be read, else as it is defined. */
function useAsked(pipelineName: string, { stage, action, executionId }: Waiting) {
  const run = useAwsPages(
    CodePipelineClient,
    (nextToken) =>
      new ListActionExecutionsCommand({
        ...{ pipelineName, filter: { pipelineExecutionId: executionId }, nextToken },
      }),
    ({ nextToken }) => nextToken,
    { enabled: executionId !== undefined },
  );
  const defined = useAws(CodePipelineClient, new GetPipelineCommand({ name: pipelineName }));
  const ran = run.data
    ?.flatMap(({ actionExecutionDetails = [] }) => actionExecutionDetails)
    .find((detail) => detail.stageName === stage && detail.actionName === action)
    ?.input?.resolvedConfiguration;
  const declared = defined.data?.pipeline?.stages
    ?.find(({ name }) => name === stage)
    ?.actions?.find(({ name }) => name === action)?.configuration;
  return ran ?? declared ?? {};
}

/** The approval box: what there is to look at, a comment, yes or no. */
export function ApproveDialog({
  pipeline,
  waiting,
  close,
}: {
  pipeline: string;
  waiting: Waiting;
  close: () => void;
}) {
  const { stage, action, token } = waiting;
  const { CustomData, ExternalEntityLink } = useAsked(pipeline, waiting);
  const { act } = useAct(CodePipelineClient);
  const [status, setStatus] = useState<ApprovalStatus>('Approved');
  const [summary, setSummary] = useState('');
  return (
    <Confirm
      title={`Review: ${stage} / ${action}`}
      verb="Submit"
      close={close}
      act={() =>
        act(
          new PutApprovalResultCommand({
            pipelineName: pipeline,
            stageName: stage,
            actionName: action,
            token,
            result: { status, summary },
          }),
          {
            done: `${stage} / ${action} of ${pipeline} is ${status.toLowerCase()}.`,
            sayFailure: false,
          },
        )
      }
    >
      <SpaceBetween size="m">
        {CustomData !== undefined && <div className="asked">{CustomData}</div>}
        {ExternalEntityLink !== undefined && (
          <div>
            To look at: <GivenLink url={ExternalEntityLink}>{ExternalEntityLink}</GivenLink>
          </div>
        )}
        <FormField label="Decision">
          <RadioGroup
            value={status}
            onChange={({ detail }) => setStatus(detail.value as ApprovalStatus)}
            items={[
              { value: 'Approved', label: 'Approve', description: 'The run goes on.' },
              { value: 'Rejected', label: 'Reject', description: 'The stage fails.' },
            ]}
          />
        </FormField>
        <FormField label="Comment – optional" constraintText={`At most ${LONGEST} characters.`}>
          <Textarea
            rows={3}
            value={summary}
            onChange={({ detail }) => setSummary(detail.value.slice(0, LONGEST))}
          />
        </FormField>
      </SpaceBetween>
    </Confirm>
  );
}
