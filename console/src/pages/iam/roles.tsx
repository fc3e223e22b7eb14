import { CreateRoleCommand, IAMClient, ListRolesCommand, type Role } from '@aws-sdk/client-iam';
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
import { Time } from '../../parts/time.tsx';
import { jsonError, trustOf } from './document.ts';

export default function Roles() {
  const { data, isPending, error, refetch } = useAwsPages(
    IAMClient,
    (Marker) => new ListRolesCommand({ Marker }),
    ({ Marker }) => Marker,
  );
  const [creating, setCreating] = useState(false);
  const create = (
    <Button variant="primary" onClick={() => setCreating(true)}>
      Create role
    </Button>
  );
  return (
    <>
      <TablePage<Role>
        noun="roles"
        title="Roles"
        crumbs={[]}
        items={data?.flatMap(({ Roles: roles = [] }) => roles)}
        loading={isPending}
        error={error}
        again={() => void refetch()}
        keyOf={({ RoleName = '' }) => RoleName}
        sorted={{ id: 'name' }}
        actions={create}
        columns={[
          {
            id: 'name',
            header: 'Role name',
            names: true,
            by: (one) => one.RoleName,
            cell: ({ RoleName: name = '' }) => (
              <PlaceLink service="iam" to="/roles/:name" names={{ name }}>
                {name}
              </PlaceLink>
            ),
          },
          {
            id: 'description',
            header: 'Description',
            by: (one) => one.Description,
            cell: (one) => one.Description ?? '–',
          },
          {
            id: 'created',
            header: 'Created',
            by: (one) => one.CreateDate,
            cell: (one) => <Time at={one.CreateDate} />,
          },
        ]}
        empty={
          <Empty
            title="There is no role yet."
            commands={[
              'aws iam create-role --role-name build --assume-role-policy-document file://trust.json',
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
  const [trust, setTrust] = useState(trustOf('codebuild.amazonaws.com'));
  const wrong = jsonError(trust);
  return (
    <Confirm
      title="Create role"
      verb="Create role"
      size="large"
      ready={/^[\w+=,.@-]{1,64}$/.test(name) && wrong === undefined}
      close={close}
      act={async () => {
        await act(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }), {
          done: `Role ${name} has been created. It may do nothing until it has a policy.`,
          sayFailure: false,
        });
        go({ service: 'iam', fragment: fragmentOf('/roles/:name', { name }) });
      }}
    >
      <FormField label="Role name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <CodeField
        label="Trust policy: who may take it"
        language="json"
        value={trust}
        onChange={setTrust}
        errorText={wrong}
        height="35vh"
      />
    </Confirm>
  );
}
