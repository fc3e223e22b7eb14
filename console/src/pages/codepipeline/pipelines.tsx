import {
  CodePipelineClient,
  DeletePipelineCommand,
  ListPipelinesCommand,
  type PipelineSummary,
} from '@aws-sdk/client-codepipeline';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useAct, useAwsPages } from '../../api/use-aws.ts';
import { findPage } from '../../app/find-page.ts';
import { follow, href } from '../../app/router.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { type Column, TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';
import { ReleaseDialog } from './release-dialog.tsx';
import { LastRevision, LastRun, RunDots } from './run-dots.tsx';

const columns: Column<PipelineSummary>[] = [
  {
    id: 'name',
    header: 'Name',
    names: true,
    by: ({ name }) => name,
    cell: ({ name = '' }) => (
      <PlaceLink service="codepipeline" to="/view/:name" names={{ name }}>
        {name}
      </PlaceLink>
    ),
  },
  { id: 'last', header: 'Last run', cell: ({ name = '' }) => <LastRun pipeline={name} /> },
  { id: 'runs', header: 'Runs', cell: ({ name = '' }) => <RunDots pipeline={name} /> },
  { id: 'revision', header: 'Revision', cell: ({ name = '' }) => <LastRevision pipeline={name} /> },
  {
    id: 'kind',
    header: 'Type and mode',
    width: 160,
    by: ({ pipelineType, executionMode }) => `${pipelineType} ${executionMode}`,
    cell: ({ pipelineType, executionMode = '' }) =>
      `${pipelineType ?? 'V1'}, ${executionMode.toLowerCase()}`,
  },
  {
    id: 'updated',
    header: 'Changed',
    width: 140,
    by: ({ updated }) => updated,
    cell: ({ updated }) => <Time at={updated} />,
  },
];

const CREATE = '/create';

export default function Pipelines() {
  const { data, isPending, error, refetch, more } = useAwsPages(
    CodePipelineClient,
    (nextToken) => new ListPipelinesCommand({ nextToken }),
    ({ nextToken }) => nextToken,
  );
  const { act } = useAct(CodePipelineClient);
  const [selected, setSelected] = useState<PipelineSummary[]>([]);
  const [dialog, setDialog] = useState<'release' | 'delete'>();
  const name = selected[0]?.name;
  const close = () => setDialog(undefined);
  const canCreate = findPage('codepipeline', CREATE) !== undefined;
  const create = (
    <Button variant="primary" href={href('codepipeline', CREATE)} onFollow={follow}>
      Create pipeline
    </Button>
  );
  return (
    <>
      <TablePage
        noun="pipelines"
        title="Pipelines"
        crumbs={[]}
        items={data?.flatMap(({ pipelines = [] }) => pipelines)}
        loading={isPending}
        error={error}
        again={() => void refetch()}
        more={more}
        keyOf={(pipeline) => pipeline.name ?? ''}
        sorted={{ id: 'name' }}
        columns={columns}
        selection={{ type: 'single', selected, onChange: setSelected }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={name === undefined} onClick={() => setDialog('delete')}>
              Delete
            </Button>
            <Button disabled={name === undefined} onClick={() => setDialog('release')}>
              Release change
            </Button>
            {canCreate && create}
          </SpaceBetween>
        }
        empty={
          <Empty
            title="There is no pipeline yet."
            commands={['aws codepipeline create-pipeline --cli-input-json file://pipeline.json']}
            action={canCreate && create}
          />
        }
      />
      {name !== undefined && dialog === 'release' && (
        <ReleaseDialog pipeline={name} close={close} />
      )}
      {name !== undefined && dialog === 'delete' && (
        <Confirm
          title={`Delete ${name}?`}
          verb="Delete"
          type={name}
          close={close}
          act={async () => {
            await act(new DeletePipelineCommand({ name }), {
              done: `Pipeline ${name} is deleted.`,
              sayFailure: false,
            });
            setSelected([]);
          }}
        >
          Its history goes with it. Artifacts stay in their bucket, and what it deployed stays as it
          is.
        </Confirm>
      )}
    </>
  );
}
