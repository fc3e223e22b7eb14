import Box from '@cloudscape-design/components/box';
import Spinner from '@cloudscape-design/components/spinner';
import { Fragment } from 'react';
import { KeyValues } from '../../parts/key-values.tsx';
import { Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { ComparedTalk } from './compared-talk.tsx';
import { gitDate, messageOf, shortId } from './content.ts';
import { RepositoryFrame } from './frame.tsx';
import { BrowseLink, CommitLink } from './links.tsx';
import { commitOf, useSteps } from './use-steps.ts';

/** A commit: who, when, why, and what it changed against its first parent. */
export default function CommitPage({ params: { name, id }, query }: PageProps<'name' | 'id'>) {
  const { data, error, isPending, refetch } = useSteps(
    'GetCommit',
    { repositoryName: name, commitId: id },
    () => commitOf(name, id),
  );
  const { subject, body } = messageOf(data?.message);
  const parents = data?.parents ?? [];
  return (
    <RepositoryFrame
      name={name}
      tab="commits"
      title={`Commit ${shortId(id)}`}
      description={subject}
      error={error}
      again={() => void refetch()}
    >
      {isPending && <Spinner />}
      {data && (
        <>
          {body !== '' && (
            <Box margin={{ bottom: 'm' }}>
              <div className="readme">{body}</div>
            </Box>
          )}
          <KeyValues
            items={[
              [
                'Commit ID',
                <span key="id" className="mono">
                  {id}
                </span>,
              ],
              ['Author', `${data.author?.name ?? ''} <${data.author?.email ?? ''}>`],
              ['Authored', <Time key="at" at={gitDate(data.author?.date)} />],
              ['Committer', `${data.committer?.name ?? ''} <${data.committer?.email ?? ''}>`],
              ['Committed', <Time key="on" at={gitDate(data.committer?.date)} />],
              [
                parents.length > 1 ? 'Parents' : 'Parent',
                parents.length === 0
                  ? undefined
                  : parents.map((parent) => (
                      <Fragment key={parent}>
                        <CommitLink name={name} id={parent} />{' '}
                      </Fragment>
                    )),
              ],
              [
                'Files',
                <BrowseLink key="files" name={name} reference={id}>
                  Browse
                </BrowseLink>,
              ],
            ]}
          />
          <Box margin={{ top: 'l' }}>
            <ComparedTalk
              repositoryName={name}
              before={parents[0]}
              after={id}
              reached={query.get('anchor') ?? undefined}
            />
          </Box>
        </>
      )}
    </RepositoryFrame>
  );
}
