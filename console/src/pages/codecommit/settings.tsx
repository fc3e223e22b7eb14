import {
  CodeCommitClient,
  ListTagsForResourceCommand,
  UpdateRepositoryDescriptionCommand,
} from '@aws-sdk/client-codecommit';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useAct, useAws } from '../../api/use-aws.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Failure } from '../../parts/failure.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { RepositoryFrame } from './frame.tsx';
import { DeleteRepository } from './repositories.tsx';
import { useRepository } from './use-repository.ts';

export default function Settings({ params: { name } }: PageProps<'name'>) {
  const { repository, error } = useRepository(name);
  const tags = useAws(
    CodeCommitClient,
    repository?.Arn === undefined
      ? undefined
      : new ListTagsForResourceCommand({ resourceArn: repository.Arn }),
  );
  const [dialog, setDialog] = useState<'describe' | 'delete'>();
  const close = () => setDialog(undefined);
  return (
    <RepositoryFrame name={name} tab="settings">
      {error && <Failure error={error} />}
      {!repository && !error && <Spinner />}
      {repository && (
        <KeyValues
          header="Repository settings"
          columns={2}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={() => setDialog('describe')}>Edit description</Button>
              <Button onClick={() => setDialog('delete')}>Delete repository</Button>
            </SpaceBetween>
          }
          items={[
            ['Name', repository.repositoryName],
            [
              'Repository ID',
              <span key="id" className="mono">
                {repository.repositoryId}
              </span>,
            ],
            [
              'ARN',
              <span key="arn" className="mono">
                {repository.Arn}
              </span>,
            ],
            ['Description', repository.repositoryDescription],
            ['Default branch', repository.defaultBranch],
            [
              'Encryption key',
              repository.kmsKeyId && <span className="mono">{repository.kmsKeyId}</span>,
            ],
            ['Created', <Time key="created" at={repository.creationDate} />],
            ['Last modified', <Time key="modified" at={repository.lastModifiedDate} />],
            [
              'HTTPS',
              <span key="https" className="mono">
                {repository.cloneUrlHttp}
              </span>,
            ],
            [
              'SSH',
              repository.cloneUrlSsh && <span className="mono">{repository.cloneUrlSsh}</span>,
            ],
            [
              'Tags',
              Object.entries(tags.data?.tags ?? {})
                .map(([key, value]) => `${key}=${value}`)
                .join(', '),
            ],
          ]}
        />
      )}
      {dialog === 'delete' && <DeleteRepository name={name} close={close} />}
      {dialog === 'describe' && (
        <Describe name={name} first={repository?.repositoryDescription ?? ''} close={close} />
      )}
    </RepositoryFrame>
  );
}

function Describe({ name, first, close }: { name: string; first: string; close: () => void }) {
  const { act } = useAct(CodeCommitClient);
  const [text, setText] = useState(first);
  return (
    <Confirm
      title="Edit description"
      verb="Save"
      close={close}
      act={() =>
        act(
          new UpdateRepositoryDescriptionCommand({
            repositoryName: name,
            repositoryDescription: text,
          }),
          {
            done: 'The description has been changed.',
            sayFailure: false,
          },
        )
      }
    >
      <FormField label="Description">
        <Textarea value={text} onChange={({ detail }) => setText(detail.value)} />
      </FormField>
    </Confirm>
  );
}
