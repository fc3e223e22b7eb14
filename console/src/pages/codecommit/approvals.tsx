import {
  type ApprovalRule,
  CodeCommitClient,
  CreatePullRequestApprovalRuleCommand,
  DeletePullRequestApprovalRuleCommand,
  EvaluatePullRequestApprovalRulesCommand,
  GetPullRequestApprovalStatesCommand,
  GetPullRequestOverrideStateCommand,
  OverridePullRequestApprovalRulesCommand,
  type PullRequest,
  UpdatePullRequestApprovalStateCommand,
} from '@aws-sdk/client-codecommit';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useAct, useAws } from '../../api/use-aws.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { said } from '../../parts/flashes.ts';
import { KeyValues } from '../../parts/key-values.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { useSession } from '../../session/session.ts';
import { whoOf } from './content.ts';

const keyOf = ({ pullRequestId, revisionId }: PullRequest) => ({ pullRequestId, revisionId });

function useApprovals(pr: PullRequest) {
  const { data, error } = useAws(
    CodeCommitClient,
    new GetPullRequestApprovalStatesCommand(keyOf(pr)),
  );
  const approved = (data?.approvals ?? []).filter(
    ({ approvalState }) => approvalState === 'APPROVE',
  );
  return { approved: approved.map(({ userArn = '' }) => userArn), error };
}

/** Approve, or take it back; nothing where one cannot (it is one's own). */
export function ApprovalButton({ pr }: { pr: PullRequest }) {
  const { arn } = useSession();
  const { approved } = useApprovals(pr);
  const { act, busy } = useAct(CodeCommitClient);
  if (pr.authorArn === arn) return null;
  const mine = approved.includes(arn);
  const set = () =>
    act(
      new UpdatePullRequestApprovalStateCommand({
        ...{ ...keyOf(pr), approvalState: mine ? 'REVOKE' : 'APPROVE' },
      }),
      {
        done: mine ? 'Your approval has been taken back.' : 'You have approved this pull request.',
      },
    );
  return (
    <Button loading={busy} onClick={() => void set().catch(said)}>
      {mine ? 'Revoke approval' : 'Approve'}
    </Button>
  );
}

/** How many of whom a rule wants. */
function wantsOf(content: string | undefined): string {
  try {
    const { Statements } = JSON.parse(content ?? '') as {
      Statements: { NumberOfApprovalsNeeded: number; ApprovalPoolMembers?: string[] }[];
    };
    return Statements.map(({ NumberOfApprovalsNeeded: n, ApprovalPoolMembers: pool }) =>
      [`${n} of`, pool === undefined ? 'anybody who may approve' : pool.join(', ')].join(' '),
    ).join('; ');
  } catch {
    return content ?? '';
  }
}

export function Approvals({ pr }: { pr: PullRequest }) {
  const { approved, error } = useApprovals(pr);
  const { data } = useAws(CodeCommitClient, new EvaluatePullRequestApprovalRulesCommand(keyOf(pr)));
  const override = useAws(CodeCommitClient, new GetPullRequestOverrideStateCommand(keyOf(pr)));
  const { act } = useAct(CodeCommitClient);
  const [dialog, setDialog] = useState<'create' | 'override' | 'delete'>();
  const [selected, setSelected] = useState<ApprovalRule[]>([]);
  const evaluation = data?.evaluation;
  const overridden = override.data?.overridden === true;
  const isOpen = pr.pullRequestStatus === 'OPEN';
  const satisfied = (rule: ApprovalRule) =>
    evaluation?.approvalRulesSatisfied?.includes(rule.approvalRuleName ?? '') ?? false;
  const chosen = pr.approvalRules?.find(
    (rule) => rule.approvalRuleName === selected[0]?.approvalRuleName,
  );
  const close = () => setDialog(undefined);
  const setOverride = (overrideStatus: 'OVERRIDE' | 'REVOKE') =>
    act(new OverridePullRequestApprovalRulesCommand({ ...keyOf(pr), overrideStatus }), {
      done:
        overrideStatus === 'OVERRIDE'
          ? 'The approval rules are set aside.'
          : 'The approval rules are in force.',
      sayFailure: overrideStatus === 'REVOKE',
    });
  const remove = (approvalRuleName: string) =>
    act(
      new DeletePullRequestApprovalRuleCommand({
        pullRequestId: pr.pullRequestId,
        approvalRuleName,
      }),
      {
        done: `The approval rule ${approvalRuleName} has been removed.`,
        sayFailure: false,
      },
    );
  return (
    <SpaceBetween size="l">
      {error && <Failure error={error} />}
      <KeyValues
        columns={3}
        items={[
          [
            'Approval',
            evaluation && (
              <StatusIndicator type={evaluation.approved ? 'success' : 'pending'}>
                {evaluation.approved ? 'Approved' : 'Not yet approved'}
              </StatusIndicator>
            ),
          ],
          ['Approved by', approved.length === 0 ? undefined : approved.map(whoOf).join(', ')],
          ['Rules set aside by', overridden ? whoOf(override.data?.overrider) : undefined],
        ]}
      />
      <TablePage<ApprovalRule>
        noun="approval rules"
        title="Approval rules"
        items={pr.approvalRules}
        keyOf={({ approvalRuleName = '' }) => approvalRuleName}
        selection={{ type: 'single', selected, onChange: setSelected }}
        actions={
          isOpen && (
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!chosen} onClick={() => setDialog('delete')}>
                Delete rule
              </Button>
              {overridden ? (
                <Button onClick={() => void setOverride('REVOKE').catch(said)}>
                  Revoke override
                </Button>
              ) : (
                <Button
                  disabled={(pr.approvalRules ?? []).length === 0}
                  onClick={() => setDialog('override')}
                >
                  Override approval rules
                </Button>
              )}
              <Button onClick={() => setDialog('create')}>Create approval rule</Button>
            </SpaceBetween>
          )
        }
        columns={[
          {
            id: 'name',
            header: 'Name',
            names: true,
            by: (one) => one.approvalRuleName,
            cell: (one) => one.approvalRuleName,
          },
          {
            id: 'wants',
            header: 'Approvals needed',
            cell: (one) => wantsOf(one.approvalRuleContent),
          },
          {
            id: 'template',
            header: 'From template',
            cell: (one) => one.originApprovalRuleTemplate?.approvalRuleTemplateName ?? '–',
          },
          {
            id: 'state',
            header: 'State',
            cell: (one) => (
              <StatusIndicator type={satisfied(one) ? 'success' : 'pending'}>
                {satisfied(one) ? 'Satisfied' : 'Not satisfied'}
              </StatusIndicator>
            ),
          },
        ]}
        empty={<Empty title="No approval rule: it can be merged without an approval." />}
      />
      {dialog === 'delete' && chosen && (
        <Confirm
          title={`Delete the approval rule ${chosen.approvalRuleName}?`}
          verb="Delete approval rule"
          close={close}
          act={() => remove(chosen.approvalRuleName ?? '')}
        >
          The pull request can then be merged without the approvals that it wants.
        </Confirm>
      )}
      {dialog === 'override' && (
        <Confirm
          title="Override the approval rules?"
          verb="Override"
          close={close}
          act={() => setOverride('OVERRIDE')}
        >
          <Box>
            The pull request can then be merged without the approvals that its rules want. The
            record says who did it.
          </Box>
        </Confirm>
      )}
      {dialog === 'create' && <CreateRule pullRequestId={pr.pullRequestId ?? ''} close={close} />}
    </SpaceBetween>
  );
}

function CreateRule({ pullRequestId, close }: { pullRequestId: string; close: () => void }) {
  const { act } = useAct(CodeCommitClient);
  const [name, setName] = useState('');
  const [needed, setNeeded] = useState('1');
  const [pool, setPool] = useState('');
  const members = pool.split(/\s+/).filter((arn) => arn !== '');
  const content = JSON.stringify({
    Version: '2018-11-08',
    Statements: [
      {
        Type: 'Approvers',
        NumberOfApprovalsNeeded: Number(needed),
        ...(members.length > 0 && { ApprovalPoolMembers: members }),
      },
    ],
  });
  return (
    <Confirm
      title="Create approval rule"
      verb="Create"
      ready={name !== '' && Number(needed) >= 1}
      close={close}
      act={() =>
        act(
          new CreatePullRequestApprovalRuleCommand({
            ...{ pullRequestId, approvalRuleName: name, approvalRuleContent: content },
          }),
          { done: `The approval rule ${name} has been created.`, sayFailure: false },
        )
      }
    >
      <FormField label="Rule name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <FormField label="Number of approvals needed">
        <Input type="number" value={needed} onChange={({ detail }) => setNeeded(detail.value)} />
      </FormField>
      <FormField
        label="Approval pool members - optional"
        description="ARNs, one a line; * stands for any text. Without any, whoever may approve counts."
      >
        <Textarea
          value={pool}
          onChange={({ detail }) => setPool(detail.value)}
          placeholder="arn:aws:iam::123456789012:user/alice"
        />
      </FormField>
    </Confirm>
  );
}
