import {
  CodeCommitClient,
  type ConflictMetadata,
  DescribeMergeConflictsCommand,
  type MergeHunk,
} from '@aws-sdk/client-codecommit';
import Box from '@cloudscape-design/components/box';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { askAws } from '../../api/use-aws.ts';
import { CodeView } from '../../parts/code-view.tsx';
import { DiffTable } from '../../parts/diff-table.tsx';
import { Failure } from '../../parts/failure.tsx';
import { diffRows } from '../../parts/line-diff.ts';
import { textOf } from './content.ts';
import { type Choice, isDecided, markedText } from './resolve.ts';
import { fileAt, useSteps } from './use-steps.ts';

interface Sides {
  repositoryName: string;
  sourceCommitSpecifier: string;
  destinationCommitSpecifier: string;
  conflictDetailLevel: 'LINE_LEVEL';
}

interface Props {
  file: ConflictMetadata;
  sides: Sides;
  names: { source: string; destination: string };
  choice: Choice | undefined;
  choose: (choice: Choice) => void;
}

async function hunksOf(sides: Sides, filePath: string): Promise<MergeHunk[]> {
  const hunks: MergeHunk[] = [];
  let nextToken: string | undefined;
  do {
    const input = { ...sides, filePath, nextToken, mergeOption: 'THREE_WAY_MERGE' as const };
    const page = await askAws(CodeCommitClient, new DescribeMergeConflictsCommand(input));
    for (const hunk of page.mergeHunks ?? []) hunks.push(hunk);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return hunks;
}

/** A file that both sides changed: what each made of it, and which of them, or what else, the merge is to have. */
export function ConflictFile({ file, sides, names, choice, choose }: Props) {
  const path = file.filePath ?? '';
  const { data, error, isPending } = useSteps('Conflict', { ...sides, path }, async () => {
    const [ours, theirs, hunks] = await Promise.all([
      fileAt(sides.repositoryName, sides.destinationCommitSpecifier, path),
      fileAt(sides.repositoryName, sides.sourceCommitSpecifier, path),
      hunksOf(sides, path),
    ]);
    const [before, after] = [ours && textOf(ours), theirs && textOf(theirs)];
    if (before === undefined || after === undefined) return { rows: undefined, marked: undefined };
    return { rows: diffRows(before, after), marked: markedText(before, hunks, names) };
  });
  const kind = choice?.kind ?? null;
  return (
    <ExpandableSection
      variant="container"
      defaultExpanded
      headerText={path}
      headerInfo={
        <StatusIndicator type={isDecided(choice) ? 'success' : 'warning'}>
          {isDecided(choice) ? 'Resolved' : 'In conflict'}
        </StatusIndicator>
      }
    >
      <SpaceBetween size="m">
        {error && <Failure error={error} />}
        {isPending && <Spinner />}
        <RadioGroup
          ariaLabel={`What the merge has of ${path}`}
          value={kind}
          onChange={({ detail }) => {
            if (detail.value === 'USE_NEW_CONTENT')
              choose({ kind: 'USE_NEW_CONTENT', text: data?.marked ?? '' });
            else
              choose({ kind: detail.value === 'KEEP_SOURCE' ? 'KEEP_SOURCE' : 'KEEP_DESTINATION' });
          }}
          items={[
            { value: 'KEEP_DESTINATION', label: `As in ${names.destination} (destination)` },
            { value: 'KEEP_SOURCE', label: `As in ${names.source} (source)` },
            {
              value: 'USE_NEW_CONTENT',
              label: 'Edit it',
              disabled: data?.marked === undefined,
              description: 'Both stand between marks, as git has them; take the marks out.',
            },
          ]}
        />
        {kind === 'USE_NEW_CONTENT' && data?.marked !== undefined ? (
          <CodeView
            path={path}
            text={data.marked}
            label={`Content of ${path} after the merge`}
            height="50vh"
            onChange={(text) => choose({ kind: 'USE_NEW_CONTENT', text })}
          />
        ) : data?.rows ? (
          <DiffTable
            rows={data.rows}
            unified={false}
            label={`${path}: ${names.destination} beside ${names.source}`}
          />
        ) : (
          data && <Box>One side has deleted it, or it is no text: there are no lines to show.</Box>
        )}
      </SpaceBetween>
    </ExpandableSection>
  );
}
