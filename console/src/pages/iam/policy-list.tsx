import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListPoliciesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import { useAct, useAws, useAwsPages } from '../../api/use-aws.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { CodeField } from '../../parts/editor.tsx';
import { Empty } from '../../parts/empty.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { documentText, jsonError, NEW_POLICY, policyType } from './document.ts';

/** Whose policies: what is called for either. */
export interface Holder {
  kind: 'user' | 'role';
  name: string;
}

interface Held {
  name: string;
  /** None: inline. */
  arn: string | undefined;
}

const calls = {
  user: {
    attached: (UserName: string, Marker?: string) =>
      new ListAttachedUserPoliciesCommand({ UserName, Marker }),
    inline: (UserName: string, Marker?: string) =>
      new ListUserPoliciesCommand({ UserName, Marker }),
    get: (UserName: string, PolicyName: string) =>
      new GetUserPolicyCommand({ UserName, PolicyName }),
    put: (UserName: string, PolicyName: string, PolicyDocument: string) =>
      new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }),
    remove: (UserName: string, PolicyName: string) =>
      new DeleteUserPolicyCommand({ UserName, PolicyName }),
    attach: (UserName: string, PolicyArn: string) =>
      new AttachUserPolicyCommand({ UserName, PolicyArn }),
    detach: (UserName: string, PolicyArn: string) =>
      new DetachUserPolicyCommand({ UserName, PolicyArn }),
  },
  role: {
    attached: (RoleName: string, Marker?: string) =>
      new ListAttachedRolePoliciesCommand({ RoleName, Marker }),
    inline: (RoleName: string, Marker?: string) =>
      new ListRolePoliciesCommand({ RoleName, Marker }),
    get: (RoleName: string, PolicyName: string) =>
      new GetRolePolicyCommand({ RoleName, PolicyName }),
    put: (RoleName: string, PolicyName: string, PolicyDocument: string) =>
      new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }),
    remove: (RoleName: string, PolicyName: string) =>
      new DeleteRolePolicyCommand({ RoleName, PolicyName }),
    attach: (RoleName: string, PolicyArn: string) =>
      new AttachRolePolicyCommand({ RoleName, PolicyArn }),
    detach: (RoleName: string, PolicyArn: string) =>
      new DetachRolePolicyCommand({ RoleName, PolicyArn }),
  },
};

/** The policies of a user or role: attached and inline, to add and take away. */
export function PolicyList({ holder }: { holder: Holder }) {
  const { kind, name } = holder;
  const call = calls[kind];
  const attached = useAwsPages<
    { [key: string]: unknown },
    { AttachedPolicies?: { PolicyName?: string; PolicyArn?: string }[]; Marker?: string }
  >(
    IAMClient,
    (Marker) => call.attached(name, Marker) as never,
    ({ Marker }) => Marker,
  );
  const inline = useAwsPages<
    { [key: string]: unknown },
    { PolicyNames?: string[]; Marker?: string }
  >(
    IAMClient,
    (Marker) => call.inline(name, Marker) as never,
    ({ Marker }) => Marker,
  );
  const names = inline.data?.flatMap(({ PolicyNames = [] }) => PolicyNames) ?? [];
  const { act } = useAct(IAMClient);
  const [selected, setSelected] = useState<Held[]>([]);
  const [dialog, setDialog] = useState<'attach' | 'inline' | 'edit' | 'remove'>();
  const held: Held[] = [
    ...(attached.data?.flatMap(({ AttachedPolicies = [] }) => AttachedPolicies) ?? []).map(
      (one) => ({
        name: one.PolicyName ?? '',
        arn: one.PolicyArn,
      }),
    ),
    ...names.map((one) => ({ name: one, arn: undefined })),
  ];
  const keyOf = ({ name, arn }: Held) => arn ?? `inline ${name}`;
  const chosen = held.find((one) => selected[0] && keyOf(one) === keyOf(selected[0]));
  const close = () => setDialog(undefined);
  const remove = ({ arn, name: policy }: Held) =>
    act((arn === undefined ? call.remove(name, policy) : call.detach(name, arn)) as never, {
      done:
        arn === undefined
          ? `The inline policy ${policy} has been deleted.`
          : `${policy} has been detached.`,
      sayFailure: false,
    });
  return (
    <>
      <TablePage<Held>
        noun="policies"
        title="Permissions policies"
        items={held}
        loading={attached.isPending || inline.isPending}
        error={attached.error ?? inline.error}
        keyOf={keyOf}
        selection={{ type: 'single', selected, onChange: setSelected }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!chosen} onClick={() => setDialog('remove')}>
              Remove
            </Button>
            <Button
              disabled={!chosen || chosen.arn !== undefined}
              onClick={() => setDialog('edit')}
            >
              Edit
            </Button>
            <Button onClick={() => setDialog('inline')}>Create inline policy</Button>
            <Button onClick={() => setDialog('attach')}>Attach policy</Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Policy name',
            names: true,
            by: (one) => one.name,
            cell: (one) =>
              one.arn === undefined ? (
                one.name
              ) : (
                <PlaceLink service="iam" to="/policies/:arn" names={{ arn: one.arn }}>
                  {one.name}
                </PlaceLink>
              ),
          },
          {
            id: 'type',
            header: 'Type',
            cell: ({ arn }) => (arn === undefined ? 'Inline' : policyType(arn)),
          },
        ]}
        empty={
          <Empty
            title={`This ${kind} has no policy, so it may do nothing.`}
            commands={[`aws iam attach-${kind}-policy --${kind}-name ${name} --policy-arn ARN`]}
          />
        }
      />
      {dialog === 'remove' && chosen && (
        <Confirm
          title={`Remove ${chosen.name}?`}
          verb="Remove policy"
          close={close}
          act={() => remove(chosen)}
        >
          {chosen.arn === undefined
            ? 'It is inline: its document is deleted, and cannot be brought back.'
            : `It is detached from ${name}, and can be attached again.`}
        </Confirm>
      )}
      {dialog === 'attach' && <Attach holder={holder} close={close} />}
      {dialog === 'inline' && <Inline {...{ holder, names, close }} />}
      {dialog === 'edit' && chosen && <Inline {...{ holder, names, close }} policy={chosen.name} />}
    </>
  );
}

function Attach({ holder, close }: { holder: Holder; close: () => void }) {
  const { data, isPending } = useAwsPages(
    IAMClient,
    (Marker) => new ListPoliciesCommand({ Marker }),
    ({ Marker }) => Marker,
  );
  const { act } = useAct(IAMClient);
  const [arn, setArn] = useState<string>();
  const options = (data?.flatMap(({ Policies = [] }) => Policies) ?? []).map((one) => ({
    value: one.Arn ?? '',
    label: one.PolicyName ?? '',
    description: one.Description ?? '',
  }));
  return (
    <Confirm
      title={`Attach a policy to ${holder.name}`}
      verb="Attach"
      ready={arn !== undefined}
      close={close}
      act={() =>
        act(calls[holder.kind].attach(holder.name, arn ?? '') as never, {
          done: `${arn} has been attached.`,
          sayFailure: false,
        })
      }
    >
      <FormField label="Policy">
        <Select
          selectedOption={options.find(({ value }) => value === arn) ?? null}
          onChange={({ detail }) => setArn(detail.selectedOption.value)}
          options={options}
          filteringType="auto"
          statusType={isPending ? 'loading' : 'finished'}
          placeholder="Choose a policy"
        />
      </FormField>
    </Confirm>
  );
}

interface InlineProps {
  holder: Holder;
  /** Undefined: a new one. */
  policy?: string;
  /** The names of its inline policies: put under one of them, a new one would overwrite it. */
  names: readonly string[];
  close: () => void;
}

function Inline({ holder, policy, names, close }: InlineProps) {
  const { data } = useAws<{ [key: string]: unknown }, { PolicyDocument?: string }>(
    IAMClient,
    policy === undefined ? undefined : (calls[holder.kind].get(holder.name, policy) as never),
  );
  const { act } = useAct(IAMClient);
  const [name, setName] = useState(policy ?? '');
  const isHeld = policy === undefined && names.includes(name);
  const [typed, setTyped] = useState<string>();
  const text = typed ?? (policy === undefined ? NEW_POLICY : documentText(data?.PolicyDocument));
  const wrong = text === '' ? undefined : jsonError(text);
  return (
    <Confirm
      title={policy === undefined ? 'Create inline policy' : `Edit ${policy}`}
      verb="Save"
      size="large"
      ready={name !== '' && !isHeld && wrong === undefined && text !== ''}
      close={close}
      act={() =>
        act(calls[holder.kind].put(holder.name, name, text) as never, {
          done: `The inline policy ${name} has been saved.`,
          sayFailure: false,
        })
      }
    >
      {policy === undefined && (
        <FormField
          label="Policy name"
          errorText={isHeld && `${holder.name} has a policy of this name already.`}
        >
          <Input value={name} onChange={({ detail }) => setName(detail.value)} />
        </FormField>
      )}
      {policy !== undefined && !data ? (
        <Spinner />
      ) : (
        <CodeField
          label="Policy document"
          language="json"
          value={text}
          onChange={setTyped}
          errorText={wrong}
          height="40vh"
        />
      )}
    </Confirm>
  );
}
