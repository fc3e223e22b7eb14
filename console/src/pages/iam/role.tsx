import {
  DeleteRoleCommand,
  GetRoleCommand,
  IAMClient,
  UpdateAssumeRolePolicyCommand,
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
import { documentText } from './document.ts';
import { DocumentForm } from './document-form.tsx';
import { PolicyList } from './policy-list.tsx';

export default function RolePage({ params: { name } }: PageProps<'name'>) {
  const { data, error, refetch } = useAws(IAMClient, new GetRoleCommand({ RoleName: name }));
  const { act } = useAct(IAMClient);
  const [deleting, setDeleting] = useState(false);
  const role = data?.Role;
  return (
    <Page
      title={name}
      crumbs={[{ text: 'Roles', service: 'iam', fragment: '/roles' }]}
      description={role?.Description}
      error={error}
      again={() => void refetch()}
      actions={<Button onClick={() => setDeleting(true)}>Delete role</Button>}
    >
      {role && (
        <KeyValues
          items={[
            [
              'ARN',
              <span key="arn" className="mono">
                {role.Arn}
              </span>,
            ],
            ['Created', <Time key="created" at={role.CreateDate} />],
            ['Last used', <Time key="used" at={role.RoleLastUsed?.LastUsedDate} />],
            ['Longest session', role.MaxSessionDuration && `${role.MaxSessionDuration / 3600} h`],
          ]}
        />
      )}
      <PolicyList holder={{ kind: 'role', name }} />
      {role && (
        <DocumentForm
          header="Trust relationships"
          label="Trust policy"
          text={documentText(role.AssumeRolePolicyDocument)}
          height="35vh"
          save={{
            verb: 'Update policy',
            done: `Who may take ${name} has been changed.`,
            command: (PolicyDocument) =>
              new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument }),
          }}
        />
      )}
      {deleting && (
        <Confirm
          title={`Delete ${name}?`}
          verb="Delete role"
          type={name}
          close={() => setDeleting(false)}
          act={async () => {
            await act(new DeleteRoleCommand({ RoleName: name }), {
              done: `Role ${name} has been deleted.`,
              sayFailure: false,
            });
            go({ service: 'iam', fragment: '/roles' });
          }}
        >
          What runs under it fails from then on. Its policies have to be removed first.
        </Confirm>
      )}
    </Page>
  );
}
