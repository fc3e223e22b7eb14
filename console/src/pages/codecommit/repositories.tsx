import {
  BatchGetRepositoriesCommand,
  CodeCommitClient,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  ListRepositoriesCommand,
  type RepositoryMetadata,
} from '@aws-sdk/client-codecommit';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { chunks } from '../../../../src/lib/chunks.ts';
import { useAct, useAwsAll, useAwsPages } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { go } from '../../app/router.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';
import { CloneDialog } from './clone-box.tsx';

const AT_ONCE = 100;

/** All names, then what is known of each; where the second may not be asked, the names alone. */
function useRepositories() {
  const { data, ...rest } = useAwsPages(
    CodeCommitClient,
    (nextToken) => new ListRepositoriesCommand({ nextToken }),
    ({ nextToken }) => nextToken,
  );
  const listed = data?.flatMap(({ repositories = [] }) => repositories);
  const names = listed?.map(({ repositoryName = '' }) => repositoryName) ?? [];
  const known = useAwsAll(
    CodeCommitClient,
    chunks(names, AT_ONCE).map(
      (repositoryNames) => new BatchGetRepositoriesCommand({ repositoryNames }),
    ),
  );
  const byName = new Map(
    known.flatMap((one) => one.data?.repositories ?? []).map((one) => [one.repositoryName, one]),
  );
  const repositories = listed?.map(
    (one): RepositoryMetadata => byName.get(one.repositoryName) ?? one,
  );
  return { ...rest, repositories };
}

export default function Repositories() {
  const { repositories, isPending, error, refetch, more } = useRepositories();
  const [selected, setSelected] = useState<RepositoryMetadata[]>([]);
  const [dialog, setDialog] = useState<'create' | 'delete' | 'clone'>();
  const one = repositories?.find(
    ({ repositoryName }) => repositoryName === selected[0]?.repositoryName,
  );
  const close = () => setDialog(undefined);
  const create = (
    <Button variant="primary" onClick={() => setDialog('create')}>
      Create repository
    </Button>
  );
  return (
    <>
      <TablePage
        noun="repositories"
        title="Repositories"
        crumbs={[]}
        items={repositories}
        more={more}
        loading={isPending}
        error={error}
        again={() => void refetch()}
        keyOf={({ repositoryName = '' }) => repositoryName}
        sorted={{ id: 'name' }}
        selection={{ type: 'single', selected, onChange: setSelected }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one} onClick={() => setDialog('clone')}>
              Clone
            </Button>
            <Button disabled={!one} onClick={() => setDialog('delete')}>
              Delete
            </Button>
            {create}
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Name',
            names: true,
            by: (one) => one.repositoryName,
            cell: ({ repositoryName: name = '' }) => (
              <PlaceLink service="codecommit" to="/repository/:name" names={{ name }}>
                {name}
              </PlaceLink>
            ),
          },
          {
            id: 'description',
            header: 'Description',
            by: (one) => one.repositoryDescription,
            cell: (one) => one.repositoryDescription || '–',
          },
          {
            id: 'modified',
            header: 'Last modified',
            by: (one) => one.lastModifiedDate,
            cell: (one) => <Time at={one.lastModifiedDate} />,
          },
          {
            id: 'branch',
            header: 'Default branch',
            by: (one) => one.defaultBranch,
            cell: (one) => one.defaultBranch ?? '–',
          },
        ]}
        empty={
          <Empty
            title="There is no repository yet."
            commands={['aws codecommit create-repository --repository-name my-app']}
            action={create}
          />
        }
      />
      {dialog === 'create' && <Create close={close} />}
      {dialog === 'delete' && one && (
        <DeleteRepository name={one.repositoryName ?? ''} close={close} />
      )}
      {dialog === 'clone' && one && <CloneDialog repository={one} close={close} />}
    </>
  );
}

function Create({ close }: { close: () => void }) {
  const { act } = useAct(CodeCommitClient);
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  return (
    <Confirm
      title="Create repository"
      verb="Create"
      ready={/^[\w.-]{1,100}$/.test(name)}
      close={close}
      act={async () => {
        const repositoryDescription = description === '' ? undefined : description;
        const input = { repositoryName: name, repositoryDescription };
        await act(new CreateRepositoryCommand(input), {
          done: `Repository ${name} has been created.`,
          sayFailure: false,
        });
        go({ service: 'codecommit', fragment: fragmentOf('/repository/:name', { name }) });
      }}
    >
      <FormField
        label="Repository name"
        constraintText="Up to 100 letters, digits, periods, underscores and dashes."
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <FormField label="Description - optional">
        <Textarea value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
    </Confirm>
  );
}

export function DeleteRepository({ name, close }: { name: string; close: () => void }) {
  const { act } = useAct(CodeCommitClient);
  return (
    <Confirm
      title={`Delete ${name}?`}
      verb="Delete"
      type={name}
      close={close}
      act={async () => {
        await act(new DeleteRepositoryCommand({ repositoryName: name }), {
          done: `Repository ${name} has been deleted.`,
          sayFailure: false,
        });
        go({ service: 'codecommit', fragment: '/repositories' });
      }}
    >
      All its commits, branches, pull requests and comments go with it, and cannot be brought back.
      Clones stay as they are.
    </Confirm>
  );
}
