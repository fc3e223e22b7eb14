import { CodeCommitClient, GetRepositoryCommand } from '@aws-sdk/client-codecommit';
import { useAws } from '../../api/use-aws.ts';

/** What is known of a repository: its default branch, addresses, description. */
export function useRepository(repositoryName: string, options: { enabled?: boolean } = {}) {
  const { data, ...rest } = useAws(
    CodeCommitClient,
    new GetRepositoryCommand({ repositoryName }),
    options,
  );
  return { ...rest, repository: data?.repositoryMetadata };
}
