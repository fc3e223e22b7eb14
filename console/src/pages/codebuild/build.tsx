import {
  BatchGetBuildsCommand,
  BatchGetProjectsCommand,
  type Build as BuildOf,
  CodeBuildClient,
  RetryBuildCommand,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { useAct, useAws } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { go, href } from '../../app/router.ts';
import { Empty } from '../../parts/empty.tsx';
import { said } from '../../parts/flashes.ts';
import { KeyValues, mono } from '../../parts/key-values.tsx';
import { LogView } from '../../parts/log/log-view.tsx';
import { Page } from '../../parts/page.tsx';
import { GivenLink, PlaceLink } from '../../parts/place-link.tsx';
import { Status } from '../../parts/status.tsx';
import { Duration, Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { Artifacts, BuildDetails, Phases } from './build-parts.tsx';
import { groupArnOf, lineOf, partsOfId } from './build-text.ts';
import { ReportsOf } from './reports-of.tsx';
import { buildPath } from './start-build.ts';
import { StartDialog } from './start-dialog.tsx';
import { fromBuild, fromProject } from './start-from.ts';
import { Variables } from './variables.tsx';

/** Phases tell of themselves by events; this is for what they leave out while the build runs. */
const EVERY_MS = 15_000;

export default function Build({ params: { id }, query }: PageProps<'id'>) {
  const { project, uuid } = partsOfId(id);
  const { data, error, refetch, isPending } = useAws(
    CodeBuildClient,
    new BatchGetBuildsCommand({ ids: [id] }),
    { every: (last) => !last?.builds?.[0]?.buildComplete && EVERY_MS },
  );
  const build = data?.builds?.[0];
  const missing = !isPending && !error && build === undefined;
  return (
    <Page
      title={uuid === '' ? id : `${project} #${build?.buildNumber ?? uuid.slice(0, 8)}`}
      description={<span className="mono">{id}</span>}
      crumbs={[
        { text: 'Build projects', service: 'codebuild', fragment: '/projects' },
        {
          text: project,
          service: 'codebuild',
          fragment: fragmentOf('/projects/:name/view', { name: project }),
        },
      ]}
      error={error}
      again={() => void refetch()}
      actions={build && <Actions build={build} />}
    >
      {missing && <Alert type="warning">There is no build {id}.</Alert>}
      {build && <Found build={build} query={query} />}
    </Page>
  );
}

function Actions({ build }: { build: BuildOf }) {
  const { act, busy } = useAct(CodeBuildClient);
  const [again, setAgain] = useState(false);
  const name = build.projectName ?? '';
  const { data } = useAws(CodeBuildClient, new BatchGetProjectsCommand({ names: [name] }), {
    enabled: again,
  });
  const project = data?.projects?.[0];
  const { id = '' } = build;
  const retry = async () => {
    const { build: next } = await act(new RetryBuildCommand({ id }), {
      done: 'The build is tried again.',
    });
    go(buildPath(next?.id ?? ''));
  };
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {!build.buildComplete && (
        <Button
          loading={busy}
          onClick={() =>
            void act(new StopBuildCommand({ id }), { done: 'The build is stopped.' }).catch(said)
          }
        >
          Stop build
        </Button>
      )}
      <ButtonDropdown
        variant="primary"
        loading={busy}
        mainAction={{ text: 'Retry build', onClick: () => void retry().catch(said) }}
        items={[{ id: 'overrides', text: 'Start again with overrides' }]}
        ariaLabel="More ways to start again"
        onItemClick={() => setAgain(true)}
      />
      {again && data && (
        <StartDialog
          project={project ? fromProject(project) : { project: name, variables: [] }}
          begin={fromBuild(build)}
          close={() => setAgain(false)}
        />
      )}
    </SpaceBetween>
  );
}

function Found({ build, query }: { build: BuildOf; query: URLSearchParams }) {
  const [tab, setTab] = useState(query.get('tab') ?? 'log');
  const { id = '', logs, projectName = '' } = build;
  const version = build.resolvedSourceVersion ?? build.sourceVersion;
  const failed = build.phases?.flatMap(({ phaseType, contexts = [] }) =>
    contexts.flatMap(({ statusCode, message }) =>
      message ? [`${phaseType}: ${statusCode ? `${statusCode}: ` : ''}${message}`] : [],
    ),
  );
  const address = fragmentOf('/builds/:id/view/new', { id });
  return (
    <SpaceBetween size="l">
      <KeyValues
        header="Build status"
        items={[
          ['Status', <Status key="s" of={build.buildStatus} />],
          [
            'Project',
            <PlaceLink
              key="p"
              service="codebuild"
              to="/projects/:name/view"
              names={{ name: projectName }}
            >
              {projectName}
            </PlaceLink>,
          ],
          ['Initiator', build.initiator],
          ['Resolved source version', mono(version)],
          ['Current phase', build.currentPhase],
          ['Started', <Time key="t" at={build.startTime} />],
          ['Duration', <Duration key="d" from={build.startTime} to={build.endTime} />],
          ['Build number', build.buildNumber],
        ]}
      />
      {build.buildStatus !== 'SUCCEEDED' && failed && failed.length > 0 && (
        <Alert
          type="error"
          header={`The build ${build.buildStatus === 'STOPPED' ? 'was stopped' : 'has failed'}`}
        >
          {failed.map((text) => (
            <div key={text} className="mono">
              {text}
            </div>
          ))}
        </Alert>
      )}
      <Tabs
        activeTabId={tab}
        onChange={({ detail }) => setTab(detail.activeTabId)}
        tabs={[
          {
            id: 'log',
            label: 'Build log',
            content:
              logs?.groupName && logs.streamName ? (
                <Container>
                  <LogView
                    group={logs.groupName}
                    stream={logs.streamName}
                    groupArn={groupArnOf(logs.cloudWatchLogsArn)}
                    live={!build.buildComplete}
                    line={lineOf(query.get('anchor'))}
                    // The address alone: what is shown stays as it is.
                    onLine={(line) =>
                      history.replaceState(null, '', href('codebuild', `${address}#L${line}`))
                    }
                    actions={<GivenLink url={logs.deepLink}>Entire log</GivenLink>}
                  />
                </Container>
              ) : (
                <Empty
                  title={
                    build.buildComplete
                      ? 'This build has no log in CloudWatch Logs.'
                      : 'The log begins when the build does.'
                  }
                />
              ),
          },
          { id: 'phases', label: 'Phase details', content: <Phases build={build} /> },
          { id: 'reports', label: 'Reports', content: <ReportsOf arns={build.reportArns ?? []} /> },
          { id: 'env', label: 'Environment variables', content: <Variables build={build} /> },
          { id: 'artifacts', label: 'Artifacts', content: <Artifacts build={build} /> },
          { id: 'details', label: 'Build details', content: <BuildDetails build={build} /> },
        ]}
      />
    </SpaceBetween>
  );
}
