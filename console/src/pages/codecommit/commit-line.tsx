import Box from '@cloudscape-design/components/box';
import { Time } from '../../parts/time.tsx';
import { gitDate, messageOf } from './content.ts';
import { CommitLink } from './links.tsx';
import { commitOf, useSteps } from './use-steps.ts';

/** Which commit is shown: its message, author and time in a line. Nothing where it may not be asked. */
export function CommitLine({
  repositoryName,
  commitId,
}: {
  repositoryName: string;
  commitId: string | undefined;
}) {
  const { data } = useSteps(
    'GetCommit',
    { repositoryName, commitId },
    () => commitOf(repositoryName, commitId ?? ''),
    { enabled: commitId !== undefined },
  );
  if (commitId === undefined) return null;
  return (
    <Box color="text-body-secondary">
      <CommitLink name={repositoryName} id={commitId} /> {messageOf(data?.message).subject} ·{' '}
      {data?.author?.name} · <Time at={gitDate(data?.author?.date)} />
    </Box>
  );
}
