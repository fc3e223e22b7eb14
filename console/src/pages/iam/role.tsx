import {
  DeleteRoleCommand,
  GetRoleCommand,
  IAMClient,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useAct, useAws } from '../../api/use-aws.ts';
import { go } from '../../app/router.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { CodeField } from '../../parts/editor.tsx';
import { said } from '../../parts/flashes.ts';
import { KeyValues } from '../../parts/key-values.tsx';
import { Page } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { documentText, jsonError } from './document.ts';
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
      {role && <Trust name={name} document={documentText(role.AssumeRolePolicyDocument)} />}
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

function Trust({ name, document }: { name: string; document: string }) {
  const { act, busy } = useAct(IAMClient);
  const [typed, setTyped] = useState(document);
  const wrong = jsonError(typed);
  const save = () =>
    act(new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument: typed }), {
      done: `Who may take ${name} has been changed.`,
    });
  return (
    <Container header={<Header variant="h2">Trust relationships</Header>}>
      <SpaceBetween size="s">
        <CodeField
          label="Trust policy"
          language="json"
          value={document}
          onChange={setTyped}
          errorText={wrong}
          height="35vh"
        />
        <Button
          loading={busy}
          disabled={typed === document || wrong !== undefined}
          onClick={() => void save().catch(said)}
        >
          Update policy
        </Button>
      </SpaceBetween>
    </Container>
  );
}
