import {
  DeleteUserCommand,
  GetUserCommand,
  IAMClient,
  ListGroupsForUserCommand,
} from '@aws-sdk/client-iam';
import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { useAct, useAws } from '../../api/use-aws.ts';
import { go } from '../../app/router.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { Page } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { AccessKeys, GitCredentials, Password, SshKeys } from './credentials.tsx';
import { PolicyList } from './policy-list.tsx';

export default function UserPage({ params: { name } }: PageProps<'name'>) {
  const { data, error, refetch } = useAws(IAMClient, new GetUserCommand({ UserName: name }));
  const groups = useAws(IAMClient, new ListGroupsForUserCommand({ UserName: name }));
  const { act } = useAct(IAMClient);
  const [deleting, setDeleting] = useState(false);
  const user = data?.User;
  return (
    <Page
      title={name}
      crumbs={[{ text: 'Users', service: 'iam', fragment: '/users' }]}
      error={error}
      again={() => void refetch()}
      actions={<Button onClick={() => setDeleting(true)}>Delete user</Button>}
    >
      {user && (
        <KeyValues
          items={[
            [
              'ARN',
              <span key="arn" className="mono">
                {user.Arn}
              </span>,
            ],
            ['Created', <Time key="created" at={user.CreateDate} />],
            ['Password last used', <Time key="used" at={user.PasswordLastUsed} />],
            ['Groups', groups.data?.Groups?.map(({ GroupName }) => GroupName).join(', ')],
          ]}
        />
      )}
      <PolicyList holder={{ kind: 'user', name }} />
      <Password userName={name} />
      <AccessKeys userName={name} />
      <GitCredentials userName={name} />
      <SshKeys userName={name} />
      {deleting && (
        <Confirm
          title={`Delete ${name}?`}
          verb="Delete user"
          type={name}
          close={() => setDeleting(false)}
          act={async () => {
            await act(new DeleteUserCommand({ UserName: name }), {
              done: `User ${name} has been deleted.`,
              sayFailure: false,
            });
            go({ service: 'iam', fragment: '/users' });
          }}
        >
          Its sessions end at once. Its keys, credentials, password and policies have to be deleted
          first.
        </Confirm>
      )}
    </Page>
  );
}
