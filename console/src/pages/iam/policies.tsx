import {
  CreatePolicyCommand,
  IAMClient,
  ListPoliciesCommand,
  type Policy,
} from '@aws-sdk/client-iam';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useAct, useAwsPages } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { go } from '../../app/router.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { CodeField } from '../../parts/editor.tsx';
import { Empty } from '../../parts/empty.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { jsonError, NEW_POLICY, policyType } from './document.ts';

export default function Policies() {
  const { data, isPending, error, refetch } = useAwsPages(
    IAMClient,
    (Marker) => new ListPoliciesCommand({ Marker }),
    ({ Marker }) => Marker,
  );
  const [creating, setCreating] = useState(false);
  const create = (
    <Button variant="primary" onClick={() => setCreating(true)}>
      Create policy
    </Button>
  );
  return (
    <>
      <TablePage<Policy>
        noun="policies"
        title="Policies"
        crumbs={[]}
        items={data?.flatMap(({ Policies: policies = [] }) => policies)}
        loading={isPending}
        error={error}
        again={() => void refetch()}
        keyOf={({ Arn = '' }) => Arn}
        sorted={{ id: 'name' }}
        actions={create}
        columns={[
          {
            id: 'name',
            header: 'Policy name',
            names: true,
            by: (one) => one.PolicyName,
            cell: ({ PolicyName, Arn: arn = '' }) => (
              <PlaceLink service="iam" to="/policies/:arn" names={{ arn }}>
                {PolicyName}
              </PlaceLink>
            ),
          },
          {
            id: 'type',
            header: 'Type',
            by: ({ Arn = '' }) => policyType(Arn),
            cell: ({ Arn = '' }) => policyType(Arn),
          },
          {
            id: 'used',
            header: 'Attached to',
            by: (one) => one.AttachmentCount,
            cell: (one) => one.AttachmentCount ?? 0,
          },
          {
            id: 'description',
            header: 'Description',
            by: (one) => one.Description,
            cell: (one) => one.Description ?? '–',
          },
        ]}
        empty={
          <Empty
            title="There is no policy yet."
            commands={[
              'aws iam create-policy --policy-name deploy --policy-document file://policy.json',
            ]}
            action={create}
          />
        }
      />
      {creating && <Create close={() => setCreating(false)} />}
    </>
  );
}

function Create({ close }: { close: () => void }) {
  const { act } = useAct(IAMClient);
  const [name, setName] = useState('');
  const [text, setText] = useState(NEW_POLICY);
  const wrong = jsonError(text);
  return (
    <Confirm
      title="Create policy"
      verb="Create policy"
      size="large"
      ready={name !== '' && wrong === undefined}
      close={close}
      act={async () => {
        const { Policy: made } = await act(
          new CreatePolicyCommand({ PolicyName: name, PolicyDocument: text }),
          {
            done: `Policy ${name} has been created.`,
            sayFailure: false,
          },
        );
        go({ service: 'iam', fragment: fragmentOf('/policies/:arn', { arn: made?.Arn ?? '' }) });
      }}
    >
      <FormField label="Policy name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <CodeField
        label="Policy document"
        language="json"
        value={text}
        onChange={setText}
        errorText={wrong}
        height="40vh"
      />
    </Confirm>
  );
}
