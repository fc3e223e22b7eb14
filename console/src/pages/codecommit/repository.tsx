import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { Empty } from '../../parts/empty.tsx';
import type { PageProps } from '../page.ts';
import { BrowsePart } from './browse.tsx';
import { CloneBox } from './clone-box.tsx';
import { RepositoryFrame } from './frame.tsx';
import { useRepository } from './use-repository.ts';

/** A repository: its default branch's files; how to begin where it has none. */
export default function Repository({ params: { name } }: PageProps<'name'>) {
  const { repository, error, refetch } = useRepository(name);
  return (
    <RepositoryFrame
      name={name}
      tab="code"
      description={repository?.repositoryDescription}
      error={error}
      again={() => void refetch()}
    >
      {repository?.defaultBranch !== undefined && (
        <BrowsePart name={name} reference={repository.defaultBranch} path="" clone={repository} />
      )}
      {repository && repository.defaultBranch === undefined && (
        <SpaceBetween size="l">
          <Empty
            title="This repository is empty."
            commands={[`git push ${repository.cloneUrlHttp} HEAD:main`]}
          />
          <Container header={<Header variant="h2">Clone</Header>}>
            <CloneBox repository={repository} />
          </Container>
        </SpaceBetween>
      )}
    </RepositoryFrame>
  );
}
