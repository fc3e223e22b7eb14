import {
  type AccessKeyMetadata,
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteServiceSpecificCredentialCommand,
  DeleteSSHPublicKeyCommand,
  GetLoginProfileCommand,
  IAMClient,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
  UpdateLoginProfileCommand,
  UpdateServiceSpecificCredentialCommand,
  UpdateSSHPublicKeyCommand,
} from '@aws-sdk/client-iam';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useState } from 'react';
import { type AwsCommand, useAct, useAws } from '../../api/use-aws.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { said } from '../../parts/flashes.ts';
import {
  type Secrets,
  Shown,
  useGitCredentials,
  useSshKeys,
} from '../../parts/git-credentials.tsx';
import { Status } from '../../parts/status.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';

interface Of {
  userName: string;
}

interface One {
  id: string;
  name?: string | undefined;
  status: string | undefined;
  created: Date | undefined;
}

interface ListProps {
  noun: string;
  title: string;
  items: readonly One[] | undefined;
  loading: boolean;
  error: unknown;
  /** Its command for one; what may be one of either. */
  toggle: (id: string, status: 'Active' | 'Inactive') => object;
  remove: (id: string) => object;
  create: ReactNode;
  below?: ReactNode;
}

/** Credentials of one kind: to make, switch off and on, and delete. */
function CredentialList({
  noun,
  title,
  items,
  loading,
  error,
  toggle,
  remove,
  create,
  below,
}: ListProps) {
  const { act, busy } = useAct(IAMClient);
  const [selected, setSelected] = useState<One[]>([]);
  const [deleting, setDeleting] = useState(false);
  const chosen = items?.find(({ id }) => id === selected[0]?.id);
  const send = (command: object, done: string, sayFailure = true) =>
    act(command as AwsCommand<object, object>, { done, sayFailure });
  const next = chosen?.status === 'Active' ? 'Inactive' : 'Active';
  return (
    <SpaceBetween size="s">
      <TablePage<One>
        {...{ noun, title, items, loading, error }}
        keyOf={({ id }) => id}
        selection={{ type: 'single', selected, onChange: setSelected }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              disabled={!chosen}
              loading={busy}
              onClick={() =>
                chosen &&
                void send(toggle(chosen.id, next), `${chosen.id} is ${next.toLowerCase()}.`).catch(
                  said,
                )
              }
            >
              {chosen?.status === 'Inactive' ? 'Activate' : 'Deactivate'}
            </Button>
            <Button disabled={!chosen} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            {create}
          </SpaceBetween>
        }
        columns={[
          {
            id: 'id',
            header: 'ID',
            names: true,
            cell: (one) => <span className="mono">{one.name ?? one.id}</span>,
          },
          { id: 'status', header: 'Status', cell: (one) => <Status of={one.status} /> },
          { id: 'created', header: 'Created', cell: (one) => <Time at={one.created} /> },
        ]}
        empty={<Empty title={`No ${noun}.`} />}
      />
      {below}
      {deleting && chosen && (
        <Confirm
          title={`Delete ${chosen.name ?? chosen.id}?`}
          verb="Delete"
          close={() => setDeleting(false)}
          act={() => send(remove(chosen.id), `${chosen.id} has been deleted.`, false)}
        >
          Whoever signs in by it can no longer do so, at once.
        </Confirm>
      )}
    </SpaceBetween>
  );
}

export function AccessKeys({ userName }: Of) {
  const { data, isPending, error } = useAws(
    IAMClient,
    new ListAccessKeysCommand({ UserName: userName }),
  );
  const { act, busy } = useAct(IAMClient);
  const [made, setMade] = useState<Secrets>();
  const create = async () => {
    const { AccessKey: key } = await act(new CreateAccessKeyCommand({ UserName: userName }));
    setMade([
      ['Access key ID', key?.AccessKeyId ?? ''],
      ['Secret access key', key?.SecretAccessKey ?? ''],
    ]);
  };
  return (
    <CredentialList
      noun="access keys"
      title="Access keys"
      {...{ error, loading: isPending }}
      items={data?.AccessKeyMetadata?.map((key: AccessKeyMetadata) => ({
        ...{ id: key.AccessKeyId ?? '', status: key.Status, created: key.CreateDate },
      }))}
      toggle={(AccessKeyId, Status) =>
        new UpdateAccessKeyCommand({ UserName: userName, AccessKeyId, Status })
      }
      remove={(AccessKeyId) => new DeleteAccessKeyCommand({ UserName: userName, AccessKeyId })}
      create={
        <Button loading={busy} onClick={() => void create().catch(said)}>
          Create access key
        </Button>
      }
      below={
        made && (
          <Shown
            title="This is the only time that the secret shows"
            items={made}
            gone={() => setMade(undefined)}
          />
        )
      }
    />
  );
}

export function GitCredentials({ userName }: Of) {
  const { credentials, isPending, error, create, busy, made, forget } = useGitCredentials(userName);
  return (
    <CredentialList
      noun="Git credentials"
      title="HTTPS Git credentials for CodeCommit"
      {...{ error, loading: isPending }}
      items={credentials?.map((one) => ({
        ...{ id: one.ServiceSpecificCredentialId ?? '', name: one.ServiceUserName },
        ...{ status: one.Status, created: one.CreateDate },
      }))}
      toggle={(ServiceSpecificCredentialId, Status) =>
        new UpdateServiceSpecificCredentialCommand({
          ...{ UserName: userName, ServiceSpecificCredentialId, Status },
        })
      }
      remove={(ServiceSpecificCredentialId) =>
        new DeleteServiceSpecificCredentialCommand({
          ...{ UserName: userName, ServiceSpecificCredentialId },
        })
      }
      create={
        <Button loading={busy} onClick={() => void create().catch(said)}>
          Generate Git credentials
        </Button>
      }
      below={
        made && (
          <Shown title="This is the only time that the password shows" items={made} gone={forget} />
        )
      }
    />
  );
}

export function SshKeys({ userName }: Of) {
  const { keys, isPending, error, field, ready, upload } = useSshKeys(userName);
  const [adding, setAdding] = useState(false);
  return (
    <CredentialList
      noun="SSH public keys"
      title="SSH public keys for CodeCommit"
      {...{ error, loading: isPending }}
      items={keys?.map((one) => ({
        ...{ id: one.SSHPublicKeyId ?? '', status: one.Status, created: one.UploadDate },
      }))}
      toggle={(SSHPublicKeyId, Status) =>
        new UpdateSSHPublicKeyCommand({ UserName: userName, SSHPublicKeyId, Status })
      }
      remove={(SSHPublicKeyId) =>
        new DeleteSSHPublicKeyCommand({ UserName: userName, SSHPublicKeyId })
      }
      create={<Button onClick={() => setAdding(true)}>Upload SSH public key</Button>}
      below={
        adding && (
          <Confirm
            title="Upload SSH public key"
            verb="Upload"
            ready={ready}
            close={() => setAdding(false)}
            act={() => upload(false)}
          >
            {field}
          </Confirm>
        )
      }
    />
  );
}

export function Password({ userName }: Of) {
  const { data, error } = useAws(IAMClient, new GetLoginProfileCommand({ UserName: userName }));
  const none = (error as { name?: string } | null)?.name === 'NoSuchEntityException';
  const { act } = useAct(IAMClient);
  const [dialog, setDialog] = useState<'set' | 'delete'>();
  const [password, setPassword] = useState('');
  const [reset, setReset] = useState(true);
  const close = () => {
    setPassword('');
    setDialog(undefined);
  };
  const input = { UserName: userName, Password: password, PasswordResetRequired: reset };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            data?.LoginProfile
              ? 'This user signs in to the console by a password.'
              : none
                ? 'No password: this user cannot sign in to the console by one.'
                : undefined
          }
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!data?.LoginProfile} onClick={() => setDialog('delete')}>
                Delete password
              </Button>
              <Button onClick={() => setDialog('set')}>
                {none ? 'Create password' : 'Change password'}
              </Button>
            </SpaceBetween>
          }
        >
          Console password
        </Header>
      }
    >
      {error && !none && <Failure error={error} />}
      {data?.LoginProfile && (
        <>
          Created <Time at={data.LoginProfile.CreateDate} />
          {data.LoginProfile.PasswordResetRequired && '; has to be changed at the next sign-in'}.
        </>
      )}
      {dialog === 'set' && (
        <Confirm
          title={`Console password of ${userName}`}
          verb="Save"
          ready={password !== ''}
          close={close}
          act={() =>
            act(
              (none
                ? new CreateLoginProfileCommand(input)
                : new UpdateLoginProfileCommand(input)) as AwsCommand<object, object>,
              {
                done: `The password of ${userName} has been set.`,
                sayFailure: false,
              },
            )
          }
        >
          <FormField label="Password">
            <Input
              type="password"
              autoComplete="new-password"
              value={password}
              onChange={({ detail }) => setPassword(detail.value)}
            />
          </FormField>
          <Checkbox checked={reset} onChange={({ detail }) => setReset(detail.checked)}>
            Has to be changed at the next sign-in
          </Checkbox>
        </Confirm>
      )}
      {dialog === 'delete' && (
        <Confirm
          title={`Delete the password of ${userName}?`}
          verb="Delete"
          close={close}
          act={() =>
            act(new DeleteLoginProfileCommand({ UserName: userName }), {
              done: `The password of ${userName} has been deleted.`,
              sayFailure: false,
            })
          }
        >
          {userName} can no longer sign in to the console by it.
        </Confirm>
      )}
    </Container>
  );
}
