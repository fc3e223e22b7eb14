import {
  CodeCommitClient,
  CreatePullRequestCommand,
  GetMergeConflictsCommand,
} from '@aws-sdk/client-codecommit';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useAct, useAws } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { go } from '../../app/router.ts';
import { Failure } from '../../parts/failure.tsx';
import { said } from '../../parts/flashes.ts';
import type { PageProps } from '../page.ts';
import { DiffFiles } from './diff-files.tsx';
import { RepositoryFrame } from './frame.tsx';
import { RefChooser } from './ref-chooser.tsx';
import { useRepository } from './use-repository.ts';

export default function CreatePullRequest({ params: { name }, query }: PageProps<'name'>) {
  const { repository } = useRepository(name);
  const [chosen, setDestination] = useState(query.get('destination') ?? '');
  const [source, setSource] = useState(query.get('source') ?? '');
  const destination = chosen === '' ? (repository?.defaultBranch ?? '') : chosen;
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  const { act, busy } = useAct(CodeCommitClient);
  const both = destination !== '' && source !== '' && destination !== source;
  // As a three-way merge would have it, which is also what tells where they parted.
  const merge = useAws(
    CodeCommitClient,
    both
      ? new GetMergeConflictsCommand({
          ...{
            repositoryName: name,
            mergeOption: 'THREE_WAY_MERGE',
            conflictDetailLevel: 'LINE_LEVEL',
          },
          ...{ destinationCommitSpecifier: destination, sourceCommitSpecifier: source },
        })
      : undefined,
  );
  const create = async () => {
    const target = {
      repositoryName: name,
      sourceReference: source,
      destinationReference: destination,
    };
    const { pullRequest } = await act(
      new CreatePullRequestCommand({
        ...{ title, targets: [target] },
        ...(description !== '' && { description }),
      }),
      { done: 'The pull request has been created.' },
    );
    const id = pullRequest?.pullRequestId ?? '';
    go({
      service: 'codecommit',
      fragment: fragmentOf('/repository/:name/pull-request/:id', { name, id }),
    });
  };
  return (
    <RepositoryFrame name={name} tab="pull-requests" title="Create pull request">
      <SpaceBetween size="l">
        <Container>
          <SpaceBetween size="m">
            <ColumnLayout columns={2}>
              <FormField label="Destination">
                <RefChooser
                  repositoryName={name}
                  value={destination}
                  onChoose={setDestination}
                  label="Destination"
                />
              </FormField>
              <FormField label="Source">
                <RefChooser
                  repositoryName={name}
                  value={source}
                  onChoose={setSource}
                  label="Source"
                />
              </FormField>
            </ColumnLayout>
            {merge.error && <Failure error={merge.error} />}
            {merge.data && (
              <StatusIndicator type={merge.data.mergeable ? 'success' : 'warning'}>
                {merge.data.mergeable
                  ? 'Mergeable'
                  : 'There are conflicts: they can be resolved when it is merged'}
              </StatusIndicator>
            )}
            <FormField label="Title">
              <Input value={title} onChange={({ detail }) => setTitle(detail.value)} />
            </FormField>
            <FormField label="Description - optional">
              <Textarea
                rows={5}
                value={description}
                onChange={({ detail }) => setDescription(detail.value)}
              />
            </FormField>
            <Button
              variant="primary"
              loading={busy}
              disabled={!both || title.trim() === ''}
              onClick={() => void create().catch(said)}
            >
              Create pull request
            </Button>
          </SpaceBetween>
        </Container>
        {merge.data && (
          <DiffFiles
            repositoryName={name}
            before={merge.data.baseCommitId}
            after={merge.data.sourceCommitId ?? source}
          />
        )}
      </SpaceBetween>
    </RepositoryFrame>
  );
}
