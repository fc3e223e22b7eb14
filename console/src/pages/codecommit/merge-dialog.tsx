import {
  CodeCommitClient,
  DeleteBranchCommand,
  GetBranchCommand,
  GetMergeConflictsCommand,
  GetMergeOptionsCommand,
  type MergeOptionTypeEnum,
  MergePullRequestByFastForwardCommand,
  MergePullRequestBySquashCommand,
  MergePullRequestByThreeWayCommand,
  type PullRequest,
} from '@aws-sdk/client-codecommit';
import Alert from '@cloudscape-design/components/alert';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { askAws, useAct, useAws, useAwsPages } from '../../api/use-aws.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Failure } from '../../parts/failure.tsx';
import { ConflictFile } from './conflict-file.tsx';
import { branchOf } from './content.ts';
import { type Choice, isDecided, resolutionOf } from './resolve.ts';
import { useAuthor } from './use-author.tsx';

const WAYS: readonly { value: MergeOptionTypeEnum; label: string; description: string }[] = [
  {
    value: 'FAST_FORWARD_MERGE',
    label: 'Fast forward merge',
    description: 'Moves the destination to the tip of the source; no commit is made.',
  },
  {
    value: 'SQUASH_MERGE',
    label: 'Squash and merge',
    description: 'Makes one commit of all that the source has.',
  },
  {
    value: 'THREE_WAY_MERGE',
    label: '3-way merge',
    description: 'Makes a merge commit, and brings the commits of the source with it.',
  },
];

/** How to merge, what is in the way, and how that is resolved. */
export function MergeDialog({ pr, close }: { pr: PullRequest; close: () => void }) {
  const { act } = useAct(CodeCommitClient);
  const target = pr.pullRequestTargets?.[0];
  const repositoryName = target?.repositoryName ?? '';
  const pullRequestId = pr.pullRequestId ?? '';
  const [source, destination] = [
    branchOf(target?.sourceReference),
    branchOf(target?.destinationReference),
  ];
  const sides = {
    repositoryName,
    sourceCommitSpecifier: target?.sourceCommit ?? source,
    destinationCommitSpecifier: destination,
    conflictDetailLevel: 'LINE_LEVEL' as const,
  };
  const options = useAws(CodeCommitClient, new GetMergeOptionsCommand(sides));
  const conflicts = useAwsPages(
    CodeCommitClient,
    (nextToken) =>
      new GetMergeConflictsCommand({ ...sides, mergeOption: 'THREE_WAY_MERGE', nextToken }),
    ({ nextToken }) => nextToken,
  );
  // What was decided by hand was decided against one tip of the destination: a push since is not written over.
  const tip = conflicts.data?.[0]?.destinationCommitId;
  const [decidedOn, setDecidedOn] = useState<string>();
  const [moved, setMoved] = useState(false);
  const [wanted, setWay] = useState<MergeOptionTypeEnum>();
  const canForward = options.data?.mergeOptions?.includes('FAST_FORWARD_MERGE') ?? false;
  const way = wanted ?? (canForward ? 'FAST_FORWARD_MERGE' : 'THREE_WAY_MERGE');
  const { author, email, fields } = useAuthor();
  const [message, setMessage] = useState('');
  const [deletes, setDeletes] = useState(false);
  const [choices, setChoices] = useState<ReadonlyMap<string, Choice>>(new Map());
  if (tip !== undefined && tip !== decidedOn) {
    setDecidedOn(tip);
    if (decidedOn !== undefined) {
      setMoved(true);
      setChoices(new Map());
    }
  }
  const files =
    conflicts.data?.flatMap(({ conflictMetadataList = [] }) => conflictMetadataList) ?? [];
  const resolved = files.every(({ filePath = '' }) => isDecided(choices.get(filePath)));
  const merge = async () => {
    // The answer shown can be older than a push: the tip is asked for once more.
    if (way !== 'FAST_FORWARD_MERGE' && files.length > 0) {
      const { branch } = await askAws(
        CodeCommitClient,
        new GetBranchCommand({ repositoryName, branchName: destination }),
      );
      if (branch?.commitId !== tip) {
        void conflicts.refetch();
        throw new Error(`${destination} has moved: look at its conflicts again.`);
      }
    }
    const input = { pullRequestId, repositoryName, sourceCommitId: target?.sourceCommit };
    const words = { done: `Pull request ${pullRequestId} has been merged.`, sayFailure: false };
    if (way === 'FAST_FORWARD_MERGE')
      await act(new MergePullRequestByFastForwardCommand(input), words);
    else {
      const made = {
        ...{ ...input, authorName: author, conflictDetailLevel: 'LINE_LEVEL' as const },
        ...(email !== '' && { email }),
        ...(message !== '' && { commitMessage: message }),
        // What is decided by hand goes with this strategy alone.
        ...(files.length > 0 && {
          conflictResolutionStrategy: 'AUTOMERGE' as const,
          conflictResolution: resolutionOf(choices),
        }),
      };
      const Command =
        way === 'SQUASH_MERGE'
          ? MergePullRequestBySquashCommand
          : MergePullRequestByThreeWayCommand;
      await act(new Command(made), words);
    }
    if (deletes)
      // It is merged, whatever becomes of the branch: `act` tells of that by itself.
      await act(new DeleteBranchCommand({ repositoryName, branchName: source }), {
        done: `Branch ${source} has been deleted.`,
      }).catch(() => undefined);
  };
  return (
    <Confirm
      title={`Merge pull request ${pullRequestId}`}
      verb="Merge pull request"
      size={files.length > 0 ? 'max' : 'medium'}
      ready={
        options.isSuccess &&
        conflicts.isSuccess &&
        (way === 'FAST_FORWARD_MERGE' ? canForward : resolved)
      }
      close={close}
      act={merge}
    >
      {options.error && <Failure error={options.error} />}
      {conflicts.error && <Failure error={conflicts.error} />}
      {moved && (
        <Alert type="info">
          {destination} has had a push since: what was chosen for its conflicts is undone.
        </Alert>
      )}
      {conflicts.isPending && <Spinner />}
      <FormField label="Merge strategy">
        <RadioGroup
          value={way}
          onChange={({ detail }) => setWay(detail.value as MergeOptionTypeEnum)}
          items={WAYS.map((one) => ({
            ...one,
            disabled: one.value === 'FAST_FORWARD_MERGE' && !canForward,
            ...(one.value === 'FAST_FORWARD_MERGE' &&
              options.data &&
              !canForward && {
                description: `Not possible: ${destination} has commits that ${source} has not.`,
              }),
          }))}
        />
      </FormField>
      {conflicts.data && files.length === 0 && (
        <StatusIndicator type="success">No conflicts with {destination}</StatusIndicator>
      )}
      {way !== 'FAST_FORWARD_MERGE' && files.length > 0 && (
        <SpaceBetween size="m">
          <Alert
            type="warning"
            header={
              files.length === 1 ? '1 file is in conflict' : `${files.length} files are in conflict`
            }
          >
            Say of each what the merge has of it.
          </Alert>
          {files.map((file) => {
            const path = file.filePath ?? '';
            return (
              <ConflictFile
                key={path}
                {...{ file, sides, names: { source, destination } }}
                choice={choices.get(path)}
                choose={(choice) => setChoices((all) => new Map(all).set(path, choice))}
              />
            );
          })}
        </SpaceBetween>
      )}
      {way !== 'FAST_FORWARD_MERGE' && (
        <SpaceBetween size="m">
          {fields}
          <FormField label="Commit message - optional">
            <Textarea value={message} onChange={({ detail }) => setMessage(detail.value)} />
          </FormField>
        </SpaceBetween>
      )}
      <Checkbox checked={deletes} onChange={({ detail }) => setDeletes(detail.checked)}>
        Delete branch {source} after merging
      </Checkbox>
    </Confirm>
  );
}
