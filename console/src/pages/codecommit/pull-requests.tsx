import {
  CodeCommitClient,
  GetPullRequestCommand,
  ListPullRequestsCommand,
  type PullRequest,
} from '@aws-sdk/client-codecommit';
import Button from '@cloudscape-design/components/button';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { askAws, useAwsAll } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { follow, href } from '../../app/router.ts';
import { Empty } from '../../parts/empty.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Status } from '../../parts/status.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { branchOf, whoOf } from './content.ts';
import { RepositoryFrame } from './frame.tsx';
import { useSteps } from './use-steps.ts';

const STEP = 50;

async function idsOf(
  repositoryName: string,
  pullRequestStatus: 'OPEN' | 'CLOSED' | undefined,
  most: number,
) {
  const ids: string[] = [];
  let nextToken: string | undefined;
  do {
    const input = { repositoryName, pullRequestStatus, nextToken, maxResults: STEP };
    const page = await askAws(CodeCommitClient, new ListPullRequestsCommand(input));
    for (const id of page.pullRequestIds ?? []) ids.push(id);
    nextToken = page.nextToken;
  } while (nextToken !== undefined && ids.length < most);
  return { ids, more: nextToken !== undefined };
}

/** Merged, open or closed: AWS's status says only the last two. */
export const stateOf = ({ pullRequestStatus, pullRequestTargets }: PullRequest) =>
  pullRequestTargets?.[0]?.mergeMetadata?.isMerged ? 'MERGED' : pullRequestStatus;

export default function PullRequests({ params: { name } }: PageProps<'name'>) {
  const [status, setStatus] = useState('OPEN');
  const [most, setMost] = useState(STEP);
  const wanted = status === 'OPEN' || status === 'CLOSED' ? status : undefined;
  const { data, error, isPending, isFetching, refetch } = useSteps(
    'ListPullRequests',
    { repositoryName: name, wanted, most },
    () => idsOf(name, wanted, most),
    { keep: true },
  );
  // One by one in the cache: an event of one has that one asked again, and its page has it already.
  const found = useAwsAll(
    CodeCommitClient,
    (data?.ids ?? []).map((pullRequestId) => new GetPullRequestCommand({ pullRequestId })),
  );
  const pullRequests = found.flatMap((one) => one.data?.pullRequest ?? []);
  const failed = found.find((one) => one.error);
  const create = (
    <Button
      variant="primary"
      href={href('codecommit', fragmentOf('/repository/:name/create-pull-request', { name }))}
      onFollow={follow}
    >
      Create pull request
    </Button>
  );
  return (
    <RepositoryFrame name={name} tab="pull-requests">
      <TablePage<PullRequest>
        noun="pull requests"
        title="Pull requests"
        items={pullRequests}
        loading={isPending || (pullRequests.length === 0 && found.some((one) => one.isPending))}
        error={error ?? failed?.error}
        again={() => void (failed ?? { refetch }).refetch()}
        keyOf={({ pullRequestId = '' }) => pullRequestId}
        sorted={{ id: 'activity', descending: true }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <SegmentedControl
              label="Which pull requests"
              selectedId={status}
              onChange={({ detail }) => setStatus(detail.selectedId)}
              options={[
                { id: 'OPEN', text: 'Open' },
                { id: 'CLOSED', text: 'Closed' },
                { id: 'ALL', text: 'All' },
              ]}
            />
            {create}
          </SpaceBetween>
        }
        columns={[
          {
            id: 'title',
            header: 'Pull request',
            names: true,
            by: (one) => `${one.pullRequestId}: ${one.title}`,
            cell: ({ pullRequestId: id = '', title }) => (
              <PlaceLink
                service="codecommit"
                to="/repository/:name/pull-request/:id"
                names={{ name, id }}
              >
                {id}: {title}
              </PlaceLink>
            ),
          },
          {
            id: 'author',
            header: 'Author',
            by: (one) => whoOf(one.authorArn),
            cell: (one) => whoOf(one.authorArn),
          },
          {
            id: 'branches',
            header: 'Branches',
            by: (one) => branchOf(one.pullRequestTargets?.[0]?.sourceReference),
            cell: ({ pullRequestTargets: [target] = [] }) =>
              `${branchOf(target?.sourceReference)} → ${branchOf(target?.destinationReference)}`,
          },
          {
            id: 'activity',
            header: 'Last activity',
            by: (one) => one.lastActivityDate,
            cell: (one) => <Time at={one.lastActivityDate} />,
          },
          {
            id: 'status',
            header: 'Status',
            by: stateOf,
            cell: (one) => <Status of={stateOf(one)} />,
          },
        ]}
        empty={
          <Empty
            title={
              status === 'OPEN' ? 'There is no open pull request.' : 'There is no pull request.'
            }
            commands={[
              `aws codecommit create-pull-request --title TITLE --targets repositoryName=${name},sourceReference=BRANCH`,
            ]}
          />
        }
        footer={
          data?.more && (
            <Button
              loading={isFetching || found.some((one) => one.isPending)}
              onClick={() => setMost(most + STEP)}
            >
              Show more
            </Button>
          )
        }
      />
    </RepositoryFrame>
  );
}
