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
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useAct, useAws, useAwsPages } from '../../api/use-aws.ts';
import { go, href } from '../../app/router.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { said } from '../../parts/flashes.ts';
import { KeyValues } from '../../parts/key-values.tsx';
import { Page } from '../../parts/page.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { documentText, isManaged } from './document.ts';
import { DocumentForm } from './document-form.tsx';

/** A managed policy: its document to read and write, its versions, whom it is attached to. */
export default function PolicyPage({ params: { arn } }: PageProps<'arn'>) {
  const { data, error, refetch } = useAws(IAMClient, new GetPolicyCommand({ PolicyArn: arn }));
  const policy = data?.Policy;
  const versions = useAwsPages(
    IAMClient,
    (Marker) => new ListPolicyVersionsCommand({ PolicyArn: arn, Marker }),
    ({ Marker }) => Marker,
  );
  const known = versions.data?.flatMap(({ Versions = [] }) => Versions);
  const entities = useAwsPages(
    IAMClient,
    (Marker) => new ListEntitiesForPolicyCommand({ PolicyArn: arn, Marker }),
    ({ Marker }) => Marker,
  );
  const { act, busy } = useAct(IAMClient);
  const [selected, setSelected] = useState<PolicyVersion[]>([]);
  const [deleting, setDeleting] = useState<'policy' | 'version'>();
  const name = arn.replace(/^.*\//, '');
  const close = () => setDeleting(undefined);
  const ours = !isManaged(arn);
  const chosen = known?.find((one) => one.VersionId === selected[0]?.VersionId);
  const VersionId = chosen?.VersionId ?? policy?.DefaultVersionId;
  const shown = useAws(
    IAMClient,
    VersionId === undefined
      ? undefined
      : new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }),
  );
  const users = entities.data?.flatMap(({ PolicyUsers = [] }) => PolicyUsers) ?? [];
  const roles = entities.data?.flatMap(({ PolicyRoles = [] }) => PolicyRoles) ?? [];
  const groups = entities.data?.flatMap(({ PolicyGroups = [] }) => PolicyGroups) ?? [];
  const beDefault = (version: PolicyVersion) =>
    act(new SetDefaultPolicyVersionCommand({ PolicyArn: arn, VersionId: version.VersionId }), {
      done: `${version.VersionId} is the default version.`,
    });
  return (
    <Page
      title={name}
      crumbs={[{ text: 'Policies', service: 'iam', fragment: '/policies' }]}
      description={policy?.Description}
      error={error}
      again={() => void refetch()}
      actions={ours && <Button onClick={() => setDeleting('policy')}>Delete policy</Button>}
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
        <DocumentForm
          key={VersionId}
          header={`Permissions (${VersionId})`}
          label="Policy document"
          text={documentText(shown.data.PolicyVersion?.Document)}
          height="45vh"
          save={
            ours
              ? {
                  verb: 'Save as a new default version',
                  done: 'A new version of the policy is in force.',
                  command: (PolicyDocument) =>
                    new CreatePolicyVersionCommand({
                      ...{ PolicyArn: arn, PolicyDocument, SetAsDefault: true },
                    }),
                }
              : undefined
          }
        />
      )}
      <TablePage<PolicyVersion>
        noun="versions"
        title="Versions"
        items={known}
        loading={versions.isPending}
        error={versions.error}
        keyOf={(one) => one.VersionId ?? ''}
        selection={{ type: 'single', selected, onChange: setSelected }}
        actions={
          ours && (
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                disabled={!chosen || chosen.IsDefaultVersion === true}
                onClick={() => setDeleting('version')}
              >
                Delete version
              </Button>
              <Button
                loading={busy}
                disabled={!chosen || chosen.IsDefaultVersion === true}
                onClick={() => chosen && void beDefault(chosen).catch(said)}
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
      {deleting === 'version' && chosen && (
        <Confirm
          title={`Delete version ${chosen.VersionId}?`}
          verb="Delete version"
          close={close}
          act={() =>
            act(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: chosen.VersionId }), {
              done: 'The version has been deleted.',
              sayFailure: false,
            })
          }
        >
          Its document cannot be brought back.
        </Confirm>
      )}
      {deleting === 'policy' && (
        <Confirm
          title="Delete this policy?"
          verb="Delete policy"
          type={name}
          close={close}
          act={async () => {
            await act(new DeletePolicyCommand({ PolicyArn: arn }), {
              done: 'The policy has been deleted.',
              sayFailure: false,
            });
            go(href('iam', '/policies'));
          }}
        >
          It has to be detached everywhere, and its other versions deleted, first.
        </Confirm>
      )}
    </Page>
  );
}
