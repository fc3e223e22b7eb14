import { CodeCommitClient, GetMergeConflictsCommand } from '@aws-sdk/client-codecommit';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import { askAws } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { follow, go, href } from '../../app/router.ts';
import { Failure } from '../../parts/failure.tsx';
import type { PageProps } from '../page.ts';
import { CommitTable } from './commits.tsx';
import { ComparedTalk } from './compared-talk.tsx';
import { RepositoryFrame } from './frame.tsx';
import { RefChooser } from './ref-chooser.tsx';
import { historyOf, tipOf, useSteps } from './use-steps.ts';

const MOST = 200;

/** `A...B`: what B has that A has not. */
export default function Compare({ params, query }: PageProps<'name', 'range'>) {
  const { name, range = '' } = params;
  const [from = '', to = ''] = range.split('...');
  const [left, setLeft] = useState(from);
  const [right, setRight] = useState(to);
  const address = (a: string, b: string) =>
    fragmentOf('/repository/:name/compare/:range', { name, range: `${a}...${b}` });
  return (
    <RepositoryFrame name={name} tab="compare">
      <SpaceBetween size="l">
        <div className="filters">
          <SpaceBetween direction="horizontal" size="m" alignItems="end">
            <FormField label="Destination">
              <RefChooser
                repositoryName={name}
                value={left}
                onChoose={setLeft}
                label="Destination"
              />
            </FormField>
            <FormField label="Source">
              <RefChooser repositoryName={name} value={right} onChoose={setRight} label="Source" />
            </FormField>
            <Button
              disabled={left === '' || right === ''}
              onClick={() => go({ fragment: address(left, right) })}
            >
              Compare
            </Button>
            <Button
              disabled={left === '' || right === ''}
              href={href(
                'codecommit',
                `${fragmentOf('/repository/:name/create-pull-request', { name })}?source=${encodeURIComponent(right)}&destination=${encodeURIComponent(left)}`,
              )}
              onFollow={follow}
            >
              Create pull request
            </Button>
          </SpaceBetween>
        </div>
        {from !== '' && to !== '' && (
          <Compared {...{ name, from, to }} reached={query.get('anchor') ?? undefined} />
        )}
      </SpaceBetween>
    </RepositoryFrame>
  );
}

function Compared({
  name,
  from,
  to,
  reached,
}: {
  name: string;
  from: string;
  to: string;
  reached: string | undefined;
}) {
  const { data, error, isPending } = useSteps('Compare', { repositoryName: name, from, to }, () =>
    Promise.all([tipOf(name, from), tipOf(name, to)]),
  );
  if (error) return <Failure error={error} />;
  if (isPending) return <Spinner />;
  const [before, after] = data;
  return (
    <SpaceBetween size="l">
      <Ahead {...{ name, before, after }} />
      {before === after ? (
        <Box>Both are the same commit.</Box>
      ) : (
        <ComparedTalk repositoryName={name} {...{ before, after, reached }} />
      )}
    </SpaceBetween>
  );
}

/** Commits of one side that the other has not. */
async function aheadOf(repositoryName: string, before: string, after: string) {
  const known = await historyOf(repositoryName, [before], MOST);
  const ids = new Set(known.commits.map(({ commitId = '' }) => commitId));
  // Past the bound of what is known, their common commit is where it stops. Where there is none, nothing does.
  const base = await askAws(
    CodeCommitClient,
    new GetMergeConflictsCommand({
      ...{ repositoryName, sourceCommitSpecifier: after, destinationCommitSpecifier: before },
      ...{ mergeOption: 'THREE_WAY_MERGE', maxConflictFiles: 1 },
    }),
  ).catch(() => undefined);
  if (base?.baseCommitId !== undefined) ids.add(base.baseCommitId);
  if (ids.has(after)) return { commits: [], more: false };
  return historyOf(repositoryName, [after], MOST, ids);
}

export function Ahead({
  name,
  before,
  after,
  open = false,
}: Record<'name' | 'before' | 'after', string> & { open?: boolean }) {
  const { data, error, isPending } = useSteps(
    'Ahead',
    { repositoryName: name, before, after },
    () => aheadOf(name, before, after),
  );
  const commits = data?.commits;
  const count = commits ? ` (${commits.length}${data.more ? '+' : ''})` : '';
  const table = (
    <CommitTable name={name} title="Commits" commits={commits} loading={isPending} error={error} />
  );
  if (open)
    return (
      <>
        {data?.more && <Box>The newest {data.commits.length} commits: there are more.</Box>}
        {table}
      </>
    );
  return (
    <ExpandableSection variant="footer" headerText={`Commits${count}`}>
      {table}
    </ExpandableSection>
  );
}
