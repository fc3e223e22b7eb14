import {
  CreateServiceSpecificCredentialCommand,
  IAMClient,
  ListServiceSpecificCredentialsCommand,
  ListSSHPublicKeysCommand,
  UploadSSHPublicKeyCommand,
} from '@aws-sdk/client-iam';
import Alert from '@cloudscape-design/components/alert';
import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useAct, useAws } from '../api/use-aws.ts';
import { Command } from './command.tsx';

/** What of a credential shows once, each with its label. */
export type Secrets = readonly (readonly [label: string, value: string])[];

const CODECOMMIT = 'codecommit.amazonaws.com';

/** A user's Git credentials, and how another is made. Without a user: nothing is asked. */
export function useGitCredentials(UserName: string | undefined) {
  const input = { UserName, ServiceName: CODECOMMIT };
  const { data, error, isPending } = useAws(
    IAMClient,
    UserName === undefined ? undefined : new ListServiceSpecificCredentialsCommand(input),
  );
  const { act, busy } = useAct(IAMClient);
  const [made, setMade] = useState<Secrets>();
  const create = async () => {
    const { ServiceSpecificCredential: one } = await act(
      new CreateServiceSpecificCredentialCommand(input),
    );
    setMade([
      ['User name', one?.ServiceUserName ?? ''],
      ['Password', one?.ServicePassword ?? ''],
    ]);
  };
  const credentials = data?.ServiceSpecificCredentials;
  return { credentials, error, isPending, create, busy, made, forget: () => setMade(undefined) };
}

/** A user's SSH public keys, and how another is uploaded. Without a user: nothing is asked. */
export function useSshKeys(UserName: string | undefined) {
  const { data, error, isPending } = useAws(
    IAMClient,
    UserName === undefined ? undefined : new ListSSHPublicKeysCommand({ UserName }),
  );
  const { act, busy } = useAct(IAMClient);
  const [body, setBody] = useState('');
  const field = (
    <FormField label="Public key" constraintText="RSA, 2048 bits or more: the text of id_rsa.pub.">
      <Textarea
        value={body}
        onChange={({ detail }) => setBody(detail.value)}
        placeholder="ssh-rsa AAAA…"
      />
    </FormField>
  );
  const upload = async (sayFailure = true) => {
    await act(new UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody: body }), {
      ...{ done: 'The SSH public key has been uploaded.', sayFailure },
    });
    setBody('');
  };
  const ready = body.trim() !== '';
  return { keys: data?.SSHPublicKeys, error, isPending, field, ready, upload, busy };
}

/** What shows this one time alone. @param gone not given: it stays as long as the page */
export function Shown({
  title,
  items,
  gone,
}: {
  title: string;
  items: Secrets;
  gone?: () => void;
}) {
  return (
    <Alert type="success" header={title} {...(gone && { dismissible: true, onDismiss: gone })}>
      {items.map(([label, value]) => (
        <FormField key={label} label={label}>
          <Command text={value} />
        </FormField>
      ))}
    </Alert>
  );
}
