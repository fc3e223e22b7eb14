import {
  BatchGetProjectsCommand,
  CodeBuildClient,
  DeleteProjectCommand,
  InvalidateProjectCacheCommand,
  ListBuildsForProjectCommand,
  type Project as ProjectOf,
} from '@aws-sdk/client-codebuild';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { useAct, useAws } from '../../api/use-aws.ts';
import { go, href } from '../../app/router.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { said } from '../../parts/flashes.ts';
import { Page } from '../../parts/page.tsx';
import type { PageProps } from '../page.ts';
import { BuildTable, useBuildIds } from './build-table.tsx';
import { ProjectDetails } from './project-details.tsx';
import { ProjectJson } from './project-json.tsx';
import { useStartBuild } from './start-build.ts';
import { StartDialog } from './start-dialog.tsx';
import { fromProject } from './start-from.ts';
import { Trend } from './trend.tsx';
import { Variables } from './variables.tsx';

export default function Project({ params: { name }, query }: PageProps<'name'>) {
  const { data, error, isPending, refetch } = useAws(
    CodeBuildClient,
    new BatchGetProjectsCommand({ names: [name] }),
  );
  const project = data?.projects?.[0];
  const [tab, setTab] = useState(query.get('tab') ?? 'history');
  return (
    <Page
      title={name}
      description={project?.description}
      crumbs={[{ text: 'Build projects', service: 'codebuild', fragment: '/projects' }]}
      error={error}
      again={() => void refetch()}
      actions={project && <Actions project={project} />}
    >
      {!isPending && !error && !project && (
        <Alert type="warning">There is no project {name}, or not any longer.</Alert>
      )}
      <Tabs
        activeTabId={tab}
        onChange={({ detail }) => setTab(detail.activeTabId)}
        tabs={[
          { id: 'history', label: 'Build history', content: <History name={name} /> },
          ...(project
            ? [
                {
                  id: 'details',
                  label: 'Project details',
                  content: <ProjectDetails project={project} />,
                },
                {
                  id: 'env',
                  label: 'Environment variables',
                  content: <Variables build={{ environment: project.environment }} />,
                },
                { id: 'json', label: 'Edit as JSON', content: <ProjectJson project={project} /> },
              ]
            : []),
        ]}
      />
    </Page>
  );
}

function Actions({ project }: { project: ProjectOf }) {
  const { name = '' } = project;
  const { act } = useAct(CodeBuildClient);
  const { start, busy } = useStartBuild();
  const [open, setOpen] = useState<'start' | 'delete'>();
  const close = () => setOpen(undefined);
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <ButtonDropdown
        items={[
          { id: 'cache', text: 'Invalidate cache' },
          { id: 'delete', text: 'Delete build project' },
        ]}
        onItemClick={({ detail }) => {
          if (detail.id === 'delete') return setOpen('delete');
          void act(new InvalidateProjectCacheCommand({ projectName: name }), {
            done: 'The next build begins without a cache.',
          }).catch(said);
        }}
      >
        Actions
      </ButtonDropdown>
      <Button onClick={() => setOpen('start')}>Start build with overrides</Button>
      <Button
        variant="primary"
        loading={busy}
        onClick={() => void start({ projectName: name }).catch(said)}
      >
        Start build
      </Button>
      {open === 'start' && <StartDialog project={fromProject(project)} close={close} />}
      {open === 'delete' && (
        <Confirm
          title={`Delete ${name}?`}
          verb="Delete"
          type={name}
          close={close}
          act={async () => {
            await act(new DeleteProjectCommand({ name }), {
              done: `${name} is deleted.`,
              sayFailure: false,
            });
            go(href('codebuild', '/projects'));
          }}
        >
          Its builds and their logs stay; it builds nothing any longer, and its webhook is gone.
        </Confirm>
      )}
    </SpaceBetween>
  );
}

function History({ name }: { name: string }) {
  const listed = useBuildIds(
    (nextToken) => new ListBuildsForProjectCommand({ projectName: name, nextToken }),
  );
  const { ids } = listed;
  return (
    <SpaceBetween size="l">
      {ids && ids.length > 1 && <Trend ids={ids} />}
      <BuildTable title="Build history" project={name} {...listed} />
    </SpaceBetween>
  );
}
