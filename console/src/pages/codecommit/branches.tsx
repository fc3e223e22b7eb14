import {
  CodeCommitClient,
  CreateBranchCommand,
  DeleteBranchCommand,
  UpdateDefaultBranchCommand,
} from '@aws-sdk/client-codecommit';
import Badge from '@cloudscape-design/components/badge';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useAct } from '../../api/use-aws.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { said } from '../../parts/flashes.ts';
import { PlaceLink } from '../../parts/place-link.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import type { PageProps } from '../page.ts';
import { RepositoryFrame } from './frame.tsx';
import { BrowseLink } from './links.tsx';
import { RefChooser, useBranches } from './ref-chooser.tsx';
import { useRepository } from './use-repository.ts';
import { tipOf } from './use-steps.ts';

interface Branch {
  branch: string;
}

export default function Branches({ params: { name } }: PageProps<'name'>) {
  const { branches, error, isPending, refetch } = useBranches(name);
  const { repository } = useRepository(name);
  const main = repository?.defaultBranch;
  const { act, busy } = useAct(CodeCommitClient);
  const [selected, setSelected] = useState<Branch[]>([]);
  const [dialog, setDialog] = useState<'create' | 'delete'>();
  const chosen = branches?.find((branch) => branch === selected[0]?.branch);
  const close = () => setDialog(undefined);
  const beDefault = (defaultBranchName: string) =>
    act(new UpdateDefaultBranchCommand({ repositoryName: name, defaultBranchName }), {
      done: `${defaultBranchName} is the default branch.`,
    });
  return (
    <RepositoryFrame name={name} tab="branches">
      <TablePage<Branch>
        noun="branches"
        title="Branches"
        items={branches?.map((branch) => ({ branch }))}
        loading={isPending}
        error={error}
        again={() => void refetch()}
        keyOf={({ branch }) => branch}
        sorted={{ id: 'name' }}
        selection={{ type: 'single', selected, onChange: setSelected }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!chosen || chosen === main} onClick={() => setDialog('delete')}>
              Delete branch
            </Button>
            <Button
              disabled={!chosen || chosen === main}
              loading={busy}
              onClick={() => chosen && void beDefault(chosen).catch(said)}
            >
              Set as default
            </Button>
            <Button variant="primary" onClick={() => setDialog('create')}>
              Create branch
            </Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Branch name',
            names: true,
            by: ({ branch }) => branch,
            cell: ({ branch }) => (
              <>
                <BrowseLink name={name} reference={branch}>
                  {branch}
                </BrowseLink>{' '}
                {branch === main && <Badge color="blue">default</Badge>}
              </>
            ),
          },
          {
            id: 'actions',
            header: 'Actions',
            cell: ({ branch }) => (
              <SpaceBetween direction="horizontal" size="m">
                <PlaceLink
                  service="codecommit"
                  to="/repository/:name/commits/:ref"
                  names={{ name, ref: branch }}
                >
                  History
                </PlaceLink>
                {main !== undefined && branch !== main && (
                  <PlaceLink
                    service="codecommit"
                    to="/repository/:name/compare/:range"
                    names={{ name, range: `${main}...${branch}` }}
                  >
                    Compare with {main}
                  </PlaceLink>
                )}
              </SpaceBetween>
            ),
          },
        ]}
        empty={<Empty title="There is no branch yet." commands={['git push origin HEAD:main']} />}
      />
      {dialog === 'create' && (
        <CreateBranch name={name} from={chosen ?? main ?? ''} close={close} />
      )}
      {dialog === 'delete' && chosen !== undefined && (
        <Confirm
          title={`Delete ${chosen}?`}
          verb="Delete"
          type={chosen}
          close={close}
          act={() =>
            act(new DeleteBranchCommand({ repositoryName: name, branchName: chosen }), {
              done: `Branch ${chosen} has been deleted.`,
              sayFailure: false,
            })
          }
        >
          What no other branch has is no longer reached.
        </Confirm>
      )}
    </RepositoryFrame>
  );
}

function CreateBranch({ name, from, close }: { name: string; from: string; close: () => void }) {
  const { act } = useAct(CodeCommitClient);
  const [branchName, setBranchName] = useState('');
  const [source, setSource] = useState(from);
  return (
    <Confirm
      title="Create branch"
      verb="Create branch"
      ready={branchName !== '' && source !== ''}
      close={close}
      act={async () => {
        const commitId = await tipOf(name, source);
        await act(new CreateBranchCommand({ repositoryName: name, branchName, commitId }), {
          done: `Branch ${branchName} has been created.`,
          sayFailure: false,
        });
      }}
    >
      <FormField label="Branch name">
        <Input value={branchName} onChange={({ detail }) => setBranchName(detail.value)} />
      </FormField>
      <FormField label="Branch from">
        <RefChooser repositoryName={name} value={source} onChoose={setSource} label="Branch from" />
      </FormField>
    </Confirm>
  );
}
