import Box from '@cloudscape-design/components/box';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Time } from '../../parts/time.tsx';
import { gitDate, messageOf, shortId } from './content.ts';
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
      <PlaceLink
        service="codecommit"
        to="/repository/:name/commit/:id"
        names={{ name: repositoryName, id: commitId }}
      >
        <span className="mono">{shortId(commitId)}</span>
      </PlaceLink>{' '}
      {messageOf(data?.message).subject} · {data?.author?.name} ·{' '}
      <Time at={gitDate(data?.author?.date)} />
    </Box>
  );
}
