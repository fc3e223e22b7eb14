import { CreateUserCommand, IAMClient, ListUsersCommand, type User } from '@aws-sdk/client-iam';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useAct, useAwsPages } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { go } from '../../app/router.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';

export default function Users() {
  const { data, isPending, error, refetch } = useAwsPages(
    IAMClient,
    (Marker) => new ListUsersCommand({ Marker }),
    ({ Marker }) => Marker,
  );
  const [creating, setCreating] = useState(false);
  const create = (
    <Button variant="primary" onClick={() => setCreating(true)}>
      Create user
    </Button>
  );
  return (
    <>
      <TablePage<User>
        noun="users"
        title="Users"
        crumbs={[]}
        items={data?.flatMap(({ Users: users = [] }) => users)}
        loading={isPending}
        error={error}
        again={() => void refetch()}
        keyOf={({ UserName = '' }) => UserName}
        sorted={{ id: 'name' }}
        actions={create}
        columns={[
          {
            id: 'name',
            header: 'User name',
            names: true,
            by: (one) => one.UserName,
            cell: ({ UserName: name = '' }) => (
              <PlaceLink service="iam" to="/users/:name" names={{ name }}>
                {name}
              </PlaceLink>
            ),
          },
          { id: 'path', header: 'Path', by: (one) => one.Path, cell: (one) => one.Path },
          {
            id: 'used',
            header: 'Password last used',
            by: (one) => one.PasswordLastUsed,
            cell: (one) => <Time at={one.PasswordLastUsed} />,
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
            title="There is no user yet."
            commands={['aws iam create-user --user-name alice']}
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
  return (
    <Confirm
      title="Create user"
      verb="Create user"
      ready={/^[\w+=,.@-]{1,64}$/.test(name)}
      close={close}
      act={async () => {
        await act(new CreateUserCommand({ UserName: name }), {
          done: `User ${name} has been created. It may do nothing until it has a policy.`,
          sayFailure: false,
        });
        go({ service: 'iam', fragment: fragmentOf('/users/:name', { name }) });
      }}
    >
      <FormField label="User name" constraintText="Up to 64 letters, digits and + = , . @ _ -">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </Confirm>
  );
}
