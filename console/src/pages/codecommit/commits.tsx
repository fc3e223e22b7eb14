import {
  CodeCommitClient,
  type Commit,
  ListFileCommitHistoryCommand,
} from '@aws-sdk/client-codecommit';
import Button from '@cloudscape-design/components/button';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import { useState } from 'react';
import { askAws } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { go } from '../../app/router.ts';
import { Empty } from '../../parts/empty.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { gitDate, messageOf, shortId } from './content.ts';
import { RepositoryFrame } from './frame.tsx';
import { BrowseLink, CommitLink } from './links.tsx';
import { RefChooser } from './ref-chooser.tsx';
import { useRepository } from './use-repository.ts';
import { historyOf, tipOf, useSteps } from './use-steps.ts';

const STEP = 30;

/** History of a branch, tag or commit; with `?path=` that of a file. */
export default function Commits({ params, query }: PageProps<'name', 'ref'>) {
  // Without one in the address: the default branch.
  const { name, ref } = params;
  const { repository, error } = useRepository(name, { enabled: ref === undefined });
  const reference = ref ?? repository?.defaultBranch;
  const path = query.get('path') ?? undefined;
  return (
    <RepositoryFrame name={name} tab="commits" error={error}>
      {reference !== undefined && <History {...{ name, reference, path }} />}
      {repository && reference === undefined && <Empty title="There is no commit yet." />}
    </RepositoryFrame>
  );
}

async function fileHistory(
  repositoryName: string,
  commitSpecifier: string,
  filePath: string,
  most: number,
) {
  const commits: Commit[] = [];
  let nextToken: string | undefined;
  do {
    const input = { repositoryName, commitSpecifier, filePath, nextToken, maxResults: STEP };
    const page = await askAws(CodeCommitClient, new ListFileCommitHistoryCommand(input));
    for (const { commit } of page.revisionDag ?? []) if (commit) commits.push(commit);
    nextToken = page.nextToken;
  } while (nextToken !== undefined && commits.length < most);
  return { commits, more: nextToken !== undefined };
}

function History({
  name,
  reference,
  path,
}: {
  name: string;
  reference: string;
  path: string | undefined;
}) {
  const [most, setMost] = useState(STEP);
  const { data, error, isFetching, isPending, refetch } = useSteps(
    'History',
    { repositoryName: name, reference, path, most },
    async () =>
      path === undefined
        ? historyOf(name, [await tipOf(name, reference)], most)
        : fileHistory(name, reference, path, most),
    { keep: true },
  );
  const choose = (ref: string) =>
    go({
      service: 'codecommit',
      fragment: fragmentOf('/repository/:name/commits/:ref', { name, ref }),
    });
  return (
    <CommitTable
      name={name}
      title={path === undefined ? 'Commits' : `Commits that changed ${path}`}
      commits={data?.commits}
      loading={isPending}
      error={error}
      again={() => void refetch()}
      actions={<RefChooser repositoryName={name} value={reference} onChoose={choose} />}
      footer={
        data?.more && (
          <Button loading={isFetching} onClick={() => setMost(most + STEP)}>
            Show more
          </Button>
        )
      }
    />
  );
}

interface TableProps {
  name: string;
  title: string;
  commits: readonly Commit[] | undefined;
  loading?: boolean;
  error?: unknown;
  again?: () => void;
  actions?: React.ReactNode;
  footer?: React.ReactNode;
}

/** Commits, newest first as they come. */
export function CommitTable({ name, ...rest }: TableProps) {
  const { commits, ...more } = rest;
  return (
    <TablePage<Commit>
      noun="commits"
      items={commits}
      {...more}
      keyOf={({ commitId = '' }) => commitId}
      columns={[
        {
          id: 'id',
          header: 'Commit ID',
          by: (one) => one.commitId,
          width: 160,
          cell: ({ commitId = '' }) => (
            <>
              <CommitLink name={name} id={commitId} />{' '}
              <CopyToClipboard
                variant="icon"
                copyButtonAriaLabel={`Copy commit ID ${shortId(commitId)}`}
                copySuccessText="Copied"
                copyErrorText="The browser does not let it be copied"
                textToCopy={commitId}
              />
            </>
          ),
        },
        {
          id: 'message',
          header: 'Commit message',
          names: true,
          by: (one) => one.message,
          cell: (one) => messageOf(one.message).subject,
        },
        {
          id: 'author',
          header: 'Author',
          width: 180,
          by: (one) => one.author?.name,
          cell: (one) => one.author?.name,
        },
        {
          id: 'date',
          header: 'Commit date',
          width: 160,
          by: (one) => gitDate(one.committer?.date),
          cell: (one) => <Time at={gitDate(one.committer?.date)} />,
        },
        {
          id: 'actions',
          header: 'Actions',
          width: 120,
          cell: ({ commitId = '' }) => (
            <BrowseLink name={name} reference={commitId}>
              Browse
            </BrowseLink>
          ),
        },
      ]}
      empty={<Empty title="There is no commit." />}
    />
  );
}
