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
import { said } from '../../parts/flashes.ts';
import { PlaceLink } from '../../parts/place-link.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { documentText, jsonError, NEW_POLICY } from './document.ts';

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
    attached: (UserName: string) => new ListAttachedUserPoliciesCommand({ UserName }),
    inline: (UserName: string) => new ListUserPoliciesCommand({ UserName }),
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
    attached: (RoleName: string) => new ListAttachedRolePoliciesCommand({ RoleName }),
    inline: (RoleName: string) => new ListRolePoliciesCommand({ RoleName }),
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
  const attached = useAws<
    { [key: string]: unknown },
    { AttachedPolicies?: { PolicyName?: string; PolicyArn?: string }[] }
  >(IAMClient, call.attached(name) as never);
  const inline = useAws<{ [key: string]: unknown }, { PolicyNames?: string[] }>(
    IAMClient,
    call.inline(name) as never,
  );
  const { act, busy } = useAct(IAMClient);
  const [selected, setSelected] = useState<Held[]>([]);
  const [dialog, setDialog] = useState<'attach' | 'inline' | 'edit'>();
  const held: Held[] = [
    ...(attached.data?.AttachedPolicies ?? []).map((one) => ({
      name: one.PolicyName ?? '',
      arn: one.PolicyArn,
    })),
    ...(inline.data?.PolicyNames ?? []).map((one) => ({ name: one, arn: undefined })),
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
            <Button
              disabled={!chosen}
              loading={busy}
              onClick={() => chosen && void remove(chosen).catch(said)}
            >
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
            cell: ({ arn }) =>
              arn === undefined
                ? 'Inline'
                : arn.includes(':aws:policy/')
                  ? 'AWS managed'
                  : 'Customer managed',
          },
        ]}
        empty={
          <Empty
            title={`This ${kind} has no policy, so it may do nothing.`}
            commands={[`aws iam attach-${kind}-policy --${kind}-name ${name} --policy-arn ARN`]}
          />
        }
      />
      {dialog === 'attach' && <Attach holder={holder} close={close} />}
      {dialog === 'inline' && <Inline holder={holder} close={close} />}
      {dialog === 'edit' && chosen && <Inline holder={holder} policy={chosen.name} close={close} />}
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

function Inline({ holder, policy, close }: { holder: Holder; policy?: string; close: () => void }) {
  const { data } = useAws<{ [key: string]: unknown }, { PolicyDocument?: string }>(
    IAMClient,
    policy === undefined ? undefined : (calls[holder.kind].get(holder.name, policy) as never),
  );
  const { act } = useAct(IAMClient);
  const [name, setName] = useState(policy ?? '');
  const [typed, setTyped] = useState<string>();
  const text = typed ?? (policy === undefined ? NEW_POLICY : documentText(data?.PolicyDocument));
  const wrong = text === '' ? undefined : jsonError(text);
  return (
    <Confirm
      title={policy === undefined ? 'Create inline policy' : `Edit ${policy}`}
      verb="Save"
      size="large"
      ready={name !== '' && wrong === undefined && text !== ''}
      close={close}
      act={() =>
        act(calls[holder.kind].put(holder.name, name, text) as never, {
          done: `The inline policy ${name} has been saved.`,
          sayFailure: false,
        })
      }
    >
      {policy === undefined && (
        <FormField label="Policy name">
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
