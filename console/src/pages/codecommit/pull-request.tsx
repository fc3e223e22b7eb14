import {
  CodeCommitClient,
  GetCommentsForPullRequestCommand,
  GetPullRequestCommand,
  PostCommentForPullRequestCommand,
  type PullRequest,
  UpdatePullRequestDescriptionCommand,
  UpdatePullRequestStatusCommand,
  UpdatePullRequestTitleCommand,
} from '@aws-sdk/client-codecommit';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useAct, useAws, useAwsPages } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Failure } from '../../parts/failure.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { Page } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import { Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { Activity } from './activity.tsx';
import { AddressTabs } from './address-tabs.tsx';
import { ApprovalButton, Approvals } from './approvals.tsx';
import { Ahead } from './compare.tsx';
import { branchOf, whoOf } from './content.ts';
import { DiffFiles } from './diff-files.tsx';
import { BrowseLink, CommitLink, repositoryCrumbs } from './links.tsx';
import { MergeDialog } from './merge-dialog.tsx';
import { stateOf } from './pull-requests.tsx';
import { locationOf, type Side, threadsOf } from './threads.ts';

const TABS = [
  ['details', 'Details', '/repository/:name/pull-request/:id/details'],
  ['activity', 'Activity', '/repository/:name/pull-request/:id/activity'],
  ['changes', 'Changes', '/repository/:name/pull-request/:id/changes'],
  ['commits', 'Commits', '/repository/:name/pull-request/:id/commits'],
  ['approvals', 'Approvals', '/repository/:name/pull-request/:id/approvals'],
] as const;

/** `/repository/NAME/pull-request/N` and, behind it, one of its tabs. */
export default function PullRequestPage({ params, query }: PageProps<'name' | 'id', 'tab'>) {
  const { name, id } = params;
  const tab = TABS.find(([one]) => one === params.tab)?.[0] ?? 'details';
  const { data, error, refetch } = useAws(
    CodeCommitClient,
    new GetPullRequestCommand({ pullRequestId: id }),
  );
  const pr = data?.pullRequest;
  const [dialog, setDialog] = useState<'merge' | 'close' | 'edit'>();
  const close = () => setDialog(undefined);
  const isOpen = pr?.pullRequestStatus === 'OPEN';
  return (
    <Page
      title={pr ? `${id}: ${pr.title}` : `Pull request ${id}`}
      crumbs={[
        ...repositoryCrumbs(name),
        {
          text: 'Pull requests',
          service: 'codecommit',
          fragment: fragmentOf('/repository/:name/pull-requests', { name }),
        },
      ]}
      error={error}
      again={() => void refetch()}
      loading={!pr}
      actions={
        pr && (
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={() => setDialog('edit')}>Edit</Button>
            {isOpen && <Button onClick={() => setDialog('close')}>Close pull request</Button>}
            {isOpen && <ApprovalButton pr={pr} />}
            {isOpen && (
              <Button variant="primary" onClick={() => setDialog('merge')}>
                Merge
              </Button>
            )}
          </SpaceBetween>
        )
      }
    >
      {pr && (
        <>
          <Facts pr={pr} name={name} />
          <AddressTabs
            label="Parts of the pull request"
            active={tab}
            tabs={TABS}
            names={{ name, id }}
          >
            <Part pr={pr} name={name} tab={tab} reached={query.get('anchor') ?? undefined} />
          </AddressTabs>
          {dialog === 'merge' && <MergeDialog pr={pr} close={close} />}
          {dialog === 'close' && <ClosePullRequest id={id} close={close} />}
          {dialog === 'edit' && <EditPullRequest pr={pr} close={close} />}
        </>
      )}
    </Page>
  );
}

function Facts({ pr, name }: { pr: PullRequest; name: string }) {
  const target = pr.pullRequestTargets?.[0];
  const merged = target?.mergeMetadata;
  const branch = (reference: string | undefined) => (
    <BrowseLink name={name} reference={branchOf(reference)}>
      {branchOf(reference)}
    </BrowseLink>
  );
  return (
    <KeyValues
      items={[
        ['Status', <Status key="status" of={stateOf(pr)} />],
        ['Source', branch(target?.sourceReference)],
        ['Destination', branch(target?.destinationReference)],
        ['Author', whoOf(pr.authorArn)],
        ['Created', <Time key="created" at={pr.creationDate} />],
        ['Last activity', <Time key="activity" at={pr.lastActivityDate} />],
        ...(merged?.isMerged
          ? ([
              ['Merged by', whoOf(merged.mergedBy)],
              ['Merge commit', <CommitLink key="commit" name={name} id={merged.mergeCommitId} />],
            ] as const)
          : []),
      ]}
    />
  );
}

function Part({
  pr,
  name,
  tab,
  reached,
}: {
  pr: PullRequest;
  name: string;
  tab: string;
  reached: string | undefined;
}) {
  const pullRequestId = pr.pullRequestId ?? '';
  const target = pr.pullRequestTargets?.[0];
  const [before, after] = [
    target?.mergeBase ?? target?.destinationCommit ?? '',
    target?.sourceCommit ?? '',
  ];
  const { data, error } = useAwsPages(
    CodeCommitClient,
    (nextToken) => new GetCommentsForPullRequestCommand({ pullRequestId, nextToken }),
    ({ nextToken }) => nextToken,
    { enabled: tab === 'activity' || tab === 'changes' },
  );
  const { act } = useAct(CodeCommitClient);
  const threads = threadsOf(data?.flatMap((page) => page.commentsForPullRequestData ?? []) ?? []);
  const post = (content: string, side?: Side) =>
    act(
      new PostCommentForPullRequestCommand({
        ...{
          pullRequestId,
          repositoryName: name,
          beforeCommitId: before,
          afterCommitId: after,
          content,
          location: locationOf(side),
        },
      }),
    );
  return (
    <SpaceBetween size="m">
      {error && <Failure error={error} />}
      {tab === 'details' && <div className="readme">{pr.description || 'No description.'}</div>}
      {tab === 'activity' && (
        <Activity pr={pr} name={name} threads={threads} post={post} reached={reached} />
      )}
      {tab === 'changes' && (
        <DiffFiles repositoryName={name} {...{ before, after, threads, post, reached }} />
      )}
      {tab === 'commits' && <Ahead name={name} before={before} after={after} open />}
      {tab === 'approvals' && <Approvals pr={pr} />}
    </SpaceBetween>
  );
}

function ClosePullRequest({ id, close }: { id: string; close: () => void }) {
  const { act } = useAct(CodeCommitClient);
  return (
    <Confirm
      title={`Close pull request ${id}?`}
      verb="Close"
      close={close}
      act={() =>
        act(
          new UpdatePullRequestStatusCommand({ pullRequestId: id, pullRequestStatus: 'CLOSED' }),
          {
            done: `Pull request ${id} has been closed.`,
            sayFailure: false,
          },
        )
      }
    >
      It is not merged, and cannot be opened again. Its branches stay as they are.
    </Confirm>
  );
}

function EditPullRequest({ pr, close }: { pr: PullRequest; close: () => void }) {
  const { act } = useAct(CodeCommitClient);
  const pullRequestId = pr.pullRequestId ?? '';
  const [title, setTitle] = useState(pr.title ?? '');
  const [description, setDescription] = useState(pr.description ?? '');
  return (
    <Confirm
      title={`Edit pull request ${pullRequestId}`}
      verb="Save"
      ready={title.trim() !== ''}
      close={close}
      act={async () => {
        if (title !== pr.title)
          await act(new UpdatePullRequestTitleCommand({ pullRequestId, title }), {
            sayFailure: false,
          });
        if (description !== (pr.description ?? ''))
          await act(new UpdatePullRequestDescriptionCommand({ pullRequestId, description }), {
            sayFailure: false,
          });
      }}
    >
      <FormField label="Title">
        <Input value={title} onChange={({ detail }) => setTitle(detail.value)} />
      </FormField>
      <FormField label="Description">
        <Textarea
          rows={6}
          value={description}
          onChange={({ detail }) => setDescription(detail.value)}
        />
      </FormField>
    </Confirm>
  );
}
