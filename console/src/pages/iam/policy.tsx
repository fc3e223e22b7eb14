import {
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListEntitiesForPolicyCommand,
  ListPolicyVersionsCommand,
  type PolicyVersion,
  SetDefaultPolicyVersionCommand,
} from '@aws-sdk/client-iam';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { type AwsCommand, useAct, useAws } from '../../api/use-aws.ts';
import { go } from '../../app/router.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { CodeField } from '../../parts/editor.tsx';
import { Empty } from '../../parts/empty.tsx';
import { said } from '../../parts/flashes.ts';
import { KeyValues } from '../../parts/key-values.tsx';
import { Page } from '../../parts/page.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { documentText, jsonError } from './document.ts';

/** A managed policy: its document to read and write, its versions, whom it is attached to. */
export default function PolicyPage({ params: { arn } }: PageProps<'arn'>) {
  const { data, error, refetch } = useAws(IAMClient, new GetPolicyCommand({ PolicyArn: arn }));
  const policy = data?.Policy;
  const versions = useAws(IAMClient, new ListPolicyVersionsCommand({ PolicyArn: arn }));
  const entities = useAws(IAMClient, new ListEntitiesForPolicyCommand({ PolicyArn: arn }));
  const { act, busy } = useAct(IAMClient);
  const [selected, setSelected] = useState<PolicyVersion[]>([]);
  const [deleting, setDeleting] = useState(false);
  const ours = !arn.includes(':aws:policy/');
  const chosen = versions.data?.Versions?.find((one) => one.VersionId === selected[0]?.VersionId);
  const VersionId = chosen?.VersionId ?? policy?.DefaultVersionId;
  const shown = useAws(
    IAMClient,
    VersionId === undefined
      ? undefined
      : new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }),
  );
  const {
    PolicyUsers: users = [],
    PolicyRoles: roles = [],
    PolicyGroups: groups = [],
  } = entities.data ?? {};
  const change = (command: object, done: string) =>
    void act(command as AwsCommand<object, object>, { done }).catch(said);
  return (
    <Page
      title={policy?.PolicyName ?? arn.replace(/^.*\//, '')}
      crumbs={[{ text: 'Policies', service: 'iam', fragment: '/policies' }]}
      description={policy?.Description}
      error={error}
      again={() => void refetch()}
      actions={ours && <Button onClick={() => setDeleting(true)}>Delete policy</Button>}
    >
      {policy && (
        <KeyValues
          columns={3}
          items={[
            [
              'ARN',
              <span key="arn" className="mono">
                {arn}
              </span>,
            ],
            ['Default version', policy.DefaultVersionId],
            ['Updated', <Time key="updated" at={policy.UpdateDate} />],
            ['Users', users.map(({ UserName }) => UserName).join(', ')],
            ['Groups', groups.map(({ GroupName }) => GroupName).join(', ')],
            ['Roles', roles.map(({ RoleName }) => RoleName).join(', ')],
          ]}
        />
      )}
      {shown.data && (
        <Document
          key={VersionId}
          arn={arn}
          version={VersionId ?? ''}
          text={documentText(shown.data.PolicyVersion?.Document)}
          editable={ours}
        />
      )}
      <TablePage<PolicyVersion>
        noun="versions"
        title="Versions"
        items={versions.data?.Versions}
        loading={versions.isPending}
        error={versions.error}
        keyOf={(one) => one.VersionId ?? ''}
        selection={{ type: 'single', selected, onChange: setSelected }}
        actions={
          ours && (
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                loading={busy}
                disabled={!chosen || chosen.IsDefaultVersion === true}
                onClick={() =>
                  change(
                    new DeletePolicyVersionCommand({
                      PolicyArn: arn,
                      VersionId: chosen?.VersionId,
                    }),
                    'The version has been deleted.',
                  )
                }
              >
                Delete version
              </Button>
              <Button
                loading={busy}
                disabled={!chosen || chosen.IsDefaultVersion === true}
                onClick={() =>
                  change(
                    new SetDefaultPolicyVersionCommand({
                      PolicyArn: arn,
                      VersionId: chosen?.VersionId,
                    }),
                    `${chosen?.VersionId} is the default version.`,
                  )
                }
              >
                Set as default
              </Button>
            </SpaceBetween>
          )
        }
        columns={[
          {
            id: 'id',
            header: 'Version',
            names: true,
            cell: (one) => `${one.VersionId}${one.IsDefaultVersion ? ' (default)' : ''}`,
          },
          { id: 'created', header: 'Created', cell: (one) => <Time at={one.CreateDate} /> },
        ]}
        empty={<Empty title="No version." />}
      />
      {deleting && (
        <Confirm
          title="Delete this policy?"
          verb="Delete policy"
          type={policy?.PolicyName ?? ''}
          close={() => setDeleting(false)}
          act={async () => {
            await act(new DeletePolicyCommand({ PolicyArn: arn }), {
              done: 'The policy has been deleted.',
              sayFailure: false,
            });
            go({ fragment: '/policies' });
          }}
        >
          It has to be detached everywhere, and its other versions deleted, first.
        </Confirm>
      )}
    </Page>
  );
}

function Document({
  arn,
  version,
  text,
  editable,
}: {
  arn: string;
  version: string;
  text: string;
  editable: boolean;
}) {
  const { act, busy } = useAct(IAMClient);
  const [typed, setTyped] = useState(text);
  const wrong = jsonError(typed);
  const save = () =>
    act(
      new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument: typed, SetAsDefault: true }),
      {
        done: 'A new version of the policy is in force.',
      },
    );
  return (
    <Container header={<Header variant="h2">{`Permissions (${version})`}</Header>}>
      <SpaceBetween size="s">
        <CodeField
          label="Policy document"
          language="json"
          value={text}
          {...(editable && { onChange: setTyped })}
          errorText={wrong}
          height="45vh"
        />
        {editable && (
          <Button
            loading={busy}
            disabled={typed === text || wrong !== undefined}
            onClick={() => void save().catch(said)}
          >
            Save as a new default version
          </Button>
        )}
      </SpaceBetween>
    </Container>
  );
}
