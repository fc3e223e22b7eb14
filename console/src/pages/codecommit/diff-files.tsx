import {
  CodeCommitClient,
  type Difference,
  GetDifferencesCommand,
} from '@aws-sdk/client-codecommit';
import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import { useAwsPages } from '../../api/use-aws.ts';
import { DiffTable } from '../../parts/diff-table.tsx';
import { Failure } from '../../parts/failure.tsx';
import { diffRows, MOST_LINES } from '../../parts/line-diff.ts';
import { CommentForm, ThreadView } from './comments.tsx';
import { textOf } from './content.ts';
import { placeOf, type Side, sideKey, type Thread } from './threads.ts';
import { blobOf, useSteps } from './use-steps.ts';
import './code.css';

/** So many files are open at first, and so many more each time. */
const OPEN = 10;
const SHOWN = 50;
const KEY = 'slipway-diff';

interface Props {
  repositoryName: string;
  /** Not given: what comes before the first commit, which is nothing. */
  before?: string | undefined;
  after: string;
  threads?: readonly Thread[] | undefined;
  /** Not given: nothing can be said here. */
  post?: ((content: string, side: Side) => Promise<unknown>) | undefined;
  reached?: string | undefined;
}

/** What changed between two commits, file by file, with what was said of it. */
export function DiffFiles({ repositoryName, before, after, ...talk }: Props) {
  const { data, error, isPending, refetch, more } = useAwsPages(
    CodeCommitClient,
    (NextToken) =>
      new GetDifferencesCommand({
        ...{ repositoryName, NextToken },
        ...{ beforeCommitSpecifier: before, afterCommitSpecifier: after },
      }),
    ({ NextToken }) => NextToken,
  );
  const [layout, setLayout] = useState(localStorage.getItem(KEY) ?? 'split');
  const [shown, setShown] = useState(SHOWN);
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (isPending) return <Spinner />;
  const all = data.flatMap(({ differences = [] }) => differences);
  const choose = (id: string) => {
    localStorage.setItem(KEY, id);
    setLayout(id);
  };
  return (
    <SpaceBetween size="m">
      <div className="filters">
        <Box variant="strong">
          {all.length === 1 ? '1 file changed' : `${all.length} files changed`}
          {more && ' (and more, which are not shown)'}
        </Box>
        <SegmentedControl
          label="How changes are shown"
          selectedId={layout}
          onChange={({ detail }) => choose(detail.selectedId)}
          options={[
            { id: 'split', text: 'Side by side' },
            { id: 'unified', text: 'Unified' },
          ]}
        />
      </div>
      {all.slice(0, shown).map((difference, i) => (
        <DiffFile
          key={`${difference.beforeBlob?.path} ${difference.afterBlob?.path}`}
          {...{ repositoryName, difference, layout, ...talk }}
          open={i < OPEN}
        />
      ))}
      {all.length > shown && (
        <Button onClick={() => setShown(shown + SHOWN)}>
          Show more files ({all.length - shown})
        </Button>
      )}
    </SpaceBetween>
  );
}

const CHANGES = { A: ['green', 'Added'], D: ['red', 'Deleted'], M: ['blue', 'Modified'] } as const;

interface FileProps extends Omit<Props, 'before' | 'after'> {
  difference: Difference;
  layout: string;
  open: boolean;
}

function DiffFile({ repositoryName, difference, layout, open, ...talk }: FileProps) {
  const { beforeBlob, afterBlob, changeType = 'M' } = difference;
  const path = afterBlob?.path ?? beforeBlob?.path ?? '';
  const renamed =
    beforeBlob?.path !== undefined && afterBlob?.path !== undefined && beforeBlob.path !== path;
  const file = { path, beforeBlobId: beforeBlob?.blobId, afterBlobId: afterBlob?.blobId };
  const here = (talk.threads ?? []).flatMap((thread) => {
    const side = placeOf(thread, file);
    return side ? [{ thread, side }] : [];
  });
  const isReached = here.some(({ thread }) =>
    thread.comments.some((one) => one.commentId === talk.reached),
  );
  const [expanded, setExpanded] = useState(open || isReached);
  const [color, word] = CHANGES[changeType];
  return (
    <ExpandableSection
      variant="container"
      expanded={expanded}
      onChange={({ detail }) => setExpanded(detail.expanded)}
      headerText={renamed ? `${beforeBlob?.path} → ${path}` : path}
      headerInfo={<Badge color={color}>{word}</Badge>}
      headerAriaLabel={`${word}: ${path}`}
    >
      {expanded && (
        <DiffBody
          {...{ repositoryName, file, layout, here, ...talk }}
          modes={[beforeBlob?.mode, afterBlob?.mode]}
        />
      )}
    </ExpandableSection>
  );
}

interface BodyProps {
  repositoryName: string;
  file: { path: string; beforeBlobId: string | undefined; afterBlobId: string | undefined };
  modes: readonly (string | undefined)[];
  layout: string;
  here: readonly { thread: Thread; side: Side }[];
  post?: Props['post'];
  reached?: string | undefined;
}

function DiffBody({ repositoryName, file, modes, layout, here, post, reached }: BodyProps) {
  const { path, beforeBlobId, afterBlobId } = file;
  const { data, error, isPending } = useSteps(
    'Diff',
    { repositoryName, beforeBlobId, afterBlobId },
    async () => {
      const [left, right] = await Promise.all([
        blobOf(repositoryName, beforeBlobId),
        blobOf(repositoryName, afterBlobId),
      ]);
      const [before, after] = [textOf(left), textOf(right)];
      if (before === undefined || after === undefined) return 'binary';
      return diffRows(before, after) ?? 'large';
    },
  );
  const [saying, setSaying] = useState<Side>();
  if (error) return <Failure error={error} />;
  if (isPending) return <Spinner />;
  // Without lines to stand at, what was said of them stands below.
  const all = here.map(({ thread, side }) => (
    <div key={thread.id}>
      <b>Line {side.line}</b>
      <ThreadView thread={thread} reached={reached} />
    </div>
  ));
  if (data === 'binary')
    return (
      <SpaceBetween size="s">
        <Box>A binary file: there are no lines to show.</Box>
        {all}
      </SpaceBetween>
    );
  if (data === 'large')
    return (
      <SpaceBetween size="s">
        <Alert type="info">
          This file is too large or too different to be compared here (more than {MOST_LINES} lines
          of both).
        </Alert>
        {all}
      </SpaceBetween>
    );
  const [was, is] = modes;
  const say = post && {
    label: (side: Pick<Side, 'line' | 'version'>) =>
      `Comment on line ${side.line} of ${path}, ${side.version === 'BEFORE' ? 'before' : 'after'}`,
    open: (side: Pick<Side, 'line' | 'version'>) => setSaying({ path, ...side }),
  };
  const below = (side: Pick<Side, 'line' | 'version'>) => {
    const key = sideKey(side);
    const threads = here.filter((one) => sideKey(one.side) === key);
    const typing = saying && sideKey(saying) === key ? saying : undefined;
    if (threads.length === 0 && !typing) return undefined;
    return (
      <SpaceBetween size="s">
        {threads.map(({ thread }) => (
          <ThreadView key={thread.id} thread={thread} reached={reached} />
        ))}
        {typing && post && (
          <CommentForm
            label={`Comment on line ${typing.line}`}
            verb="Comment"
            post={async (content) => {
              await post(content, typing);
              setSaying(undefined);
            }}
            cancel={() => setSaying(undefined)}
          />
        )}
      </SpaceBetween>
    );
  };
  return (
    <>
      {was !== undefined && is !== undefined && was !== is && (
        <Box>
          Mode {was} → {is}
        </Box>
      )}
      {data.length === 0 ? (
        <Box>The content is empty, or the same.</Box>
      ) : (
        <DiffTable
          rows={data}
          unified={layout === 'unified'}
          label={`Changes of ${path}`}
          say={say}
          below={below}
        />
      )}
    </>
  );
}
