import {
  CodePipelineClient,
  GetPipelineStateCommand,
  ListPipelinesCommand,
} from '@aws-sdk/client-codepipeline';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import type { ReactNode } from 'react';
import { useAwsAll, useAwsPages } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { go } from '../../app/router.ts';
import { Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { RunLink } from '../../parts/run-link.tsx';
import { Status } from '../../parts/status.tsx';
import { Time } from '../../parts/time.tsx';
import { FirstVisit } from './first-visit.tsx';
import { standingOf } from './standing.ts';

/** Those that are looked into: the last that were changed. */
const MOST = 50;

/** What waits for somebody, runs, and failed. */
export default function Home() {
  const { data, error, isPending, refetch, more } = useAwsPages(
    CodePipelineClient,
    (nextToken) => new ListPipelinesCommand({ nextToken }),
    ({ nextToken }) => nextToken,
  );
  const all = data?.flatMap((page) => page.pipelines ?? []) ?? [];
  const pipelines = [...all]
    .sort((a, b) => (b.updated?.getTime() ?? 0) - (a.updated?.getTime() ?? 0))
    .slice(0, MOST);
  const states = useAwsAll(
    CodePipelineClient,
    pipelines.map(({ name = '' }) => new GetPipelineStateCommand({ name })),
  );
  const { waiting, running, failed } = standingOf(
    states.flatMap((state) => (state.data ? [state.data] : [])),
  );
  const refused = states.find((state) => state.error)?.error;
  const nothing = data !== undefined && all.length === 0;
  const settled = states.every((state) => !state.isPending);
  // "Nothing" is said of what has been looked into: neither before all is there, nor where some was refused.
  const none = (text: string) => {
    if (!settled) return 'Looking into the pipelines…';
    return refused ? `${text} Not all could be looked into.` : text;
  };
  const looked =
    all.length > pipelines.length
      ? `Of the ${pipelines.length} pipelines that were changed last, of ${all.length}${more ? ' and more' : ''}.`
      : undefined;
  return (
    <Page
      title="Home"
      description={looked}
      crumbs={[]}
      error={error}
      again={() => void refetch()}
      loading={isPending}
    >
      {nothing && <FirstVisit />}
      {refused && <Failure error={refused} />}
      {data !== undefined && !nothing && (
        <div className="home">
          <Part title="Waits for approval" count={waiting.length} none={none('Nothing waits.')}>
            {waiting.map((one) => (
              <li key={one.token}>
                <div>
                  <PlaceLink service="codepipeline" to="/view/:name" names={{ name: one.pipeline }}>
                    {one.pipeline}
                  </PlaceLink>{' '}
                  <span className="quiet">
                    {one.stage} / {one.action}, <Time at={one.since} />
                  </span>
                </div>
                <Button
                  ariaLabel={`Review ${one.action} of ${one.pipeline}`}
                  onClick={() =>
                    go({
                      service: 'codepipeline',
                      fragment: fragmentOf('/view/:pipeline/:stage/:action/approve/:token', {
                        pipeline: one.pipeline,
                        stage: one.stage,
                        action: one.action,
                        token: one.token,
                      }),
                    })
                  }
                >
                  Review
                </Button>
              </li>
            ))}
          </Part>
          <Part title="Runs" count={running.length} none={none('Nothing runs.')}>
            {running.map(({ pipeline, execution, stages }) => (
              <li key={execution}>
                <div>
                  <PlaceLink service="codepipeline" to="/view/:name" names={{ name: pipeline }}>
                    {pipeline}
                  </PlaceLink>{' '}
                  <span className="quiet">in {stages.join(', ')}</span>
                </div>
                <RunLink pipeline={pipeline} id={execution} />
              </li>
            ))}
          </Part>
          <Part title="Failed" count={failed.length} none={none('Nothing has failed.')}>
            {failed.map(({ pipeline, execution, stage, message, at }) => (
              <li key={`${execution} ${stage}`}>
                <div>
                  <Status of="Failed">{stage}</Status>{' '}
                  <PlaceLink service="codepipeline" to="/view/:name" names={{ name: pipeline }}>
                    {pipeline}
                  </PlaceLink>{' '}
                  <span className="quiet">
                    <Time at={at} />
                  </span>
                  {message && <div className="message">{message}</div>}
                </div>
                <RunLink pipeline={pipeline} id={execution} />
              </li>
            ))}
          </Part>
        </div>
      )}
    </Page>
  );
}

function Part({
  title,
  count,
  none,
  children,
}: {
  title: string;
  count: number;
  none: string;
  children: ReactNode;
}) {
  return (
    <Container
      fitHeight
      header={
        <Header variant="h2" counter={`(${count})`}>
          {title}
        </Header>
      }
    >
      {count === 0 ? <span className="quiet">{none}</span> : <ul className="lines">{children}</ul>}
    </Container>
  );
}
