import type { RepositoryMetadata } from '@aws-sdk/client-codecommit';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { Command } from '../../parts/command.tsx';
import { CREDENTIAL_HELPER } from '../../parts/credential-helper.ts';
import { Failure } from '../../parts/failure.tsx';
import { said } from '../../parts/flashes.ts';
import { Shown, useGitCredentials, useSshKeys } from '../../parts/git-credentials.tsx';
import { useSession } from '../../session/session.ts';

export function CloneDialog({
  repository,
  close,
}: {
  repository: RepositoryMetadata;
  close: () => void;
}) {
  return (
    <Modal visible size="large" header={`Clone ${repository.repositoryName}`} onDismiss={close}>
      <CloneBox repository={repository} />
    </Modal>
  );
}

/** The user whose credentials can be made; a role and the root have none. */
function useUserName(): string | undefined {
  const { arn, userName } = useSession();
  return /:user\//.test(arn) ? (userName ?? arn.replace(/^.*\//, '')) : undefined;
}

/** How to get a repository onto one's own machine, each way with the credentials that it wants. */
export function CloneBox({ repository }: { repository: RepositoryMetadata }) {
  const { cloneUrlHttp = '', cloneUrlSsh = '' } = repository;
  const userName = useUserName();
  return (
    <Tabs
      ariaLabel="Ways to clone"
      tabs={[
        {
          id: 'https',
          label: 'HTTPS',
          content: (
            <SpaceBetween size="m">
              <Command text={`git clone ${cloneUrlHttp}`} />
              <GitCredentials userName={userName} />
            </SpaceBetween>
          ),
        },
        {
          id: 'helper',
          label: 'HTTPS with an access key',
          content: (
            <SpaceBetween size="m">
              <Box>
                git can sign in by the access key or role that the <code>aws</code> command uses,
                without a password of its own:
              </Box>
              <Command text={helperCommand(cloneUrlHttp)} />
              <Command
                text={`git config --global credential.${originOf(cloneUrlHttp)}.UseHttpPath true`}
              />
              <Command text={`git clone ${cloneUrlHttp}`} />
            </SpaceBetween>
          ),
        },
        {
          id: 'ssh',
          label: 'SSH',
          content: <SshKeys userName={userName} url={cloneUrlSsh} />,
        },
      ]}
    />
  );
}

const originOf = (url: string) => (URL.canParse(url) ? new URL(url).origin : url);
const helperCommand = (url: string) =>
  `git config --global credential.${originOf(url)}.helper '${CREDENTIAL_HELPER}'`;

const NotAUser = () => (
  <Alert type="info">
    Git credentials and SSH keys belong to IAM users. You are signed in as something else (the root,
    or a role): sign in as a user, or use the access key's way.
  </Alert>
);

function GitCredentials({ userName }: { userName: string | undefined }) {
  const { credentials = [], error, create, busy, made } = useGitCredentials(userName);
  if (userName === undefined) return <NotAUser />;
  if (error) return <Failure error={error} />;
  return (
    <SpaceBetween size="s">
      <Box>
        git asks for a user name and a password: those of the Git credentials of <b>{userName}</b>.
      </Box>
      {credentials.map((one) => (
        <Box key={one.ServiceSpecificCredentialId}>
          <span className="mono">{one.ServiceUserName}</span> ({one.Status?.toLowerCase()})
        </Box>
      ))}
      {made && (
        <Shown
          title="Git credentials have been made: this is the only time that the password shows"
          items={made}
        />
      )}
      <Button
        loading={busy}
        disabled={credentials.length >= 2}
        onClick={() => void create().catch(said)}
      >
        Generate Git credentials
      </Button>
      {credentials.length >= 2 && (
        <Box variant="small">
          A user has two at most: one has to be deleted first (Access, Users).
        </Box>
      )}
    </SpaceBetween>
  );
}

function SshKeys({ userName, url }: { userName: string | undefined; url: string }) {
  const { keys = [], error, field, ready, upload, busy } = useSshKeys(userName);
  if (url === '') return <Alert type="info">This server does not answer over SSH.</Alert>;
  if (userName === undefined) return <NotAUser />;
  if (error) return <Failure error={error} />;
  const id = keys.find(({ Status }) => Status === 'Active')?.SSHPublicKeyId;
  return (
    <SpaceBetween size="s">
      {id === undefined ? (
        <Box>The user name of SSH is the id of one of your public keys: upload one first.</Box>
      ) : (
        <Command text={`git clone ${url.replace('ssh://', `ssh://${id}@`)}`} />
      )}
      {keys.map((key) => (
        <Box key={key.SSHPublicKeyId}>
          <span className="mono">{key.SSHPublicKeyId}</span> ({key.Status?.toLowerCase()})
        </Box>
      ))}
      {field}
      <Button loading={busy} disabled={!ready} onClick={() => void upload().catch(said)}>
        Upload SSH public key
      </Button>
    </SpaceBetween>
  );
}
