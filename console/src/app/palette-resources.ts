import { CodeBuildClient, ListProjectsCommand } from '@aws-sdk/client-codebuild';
import { CodeCommitClient, ListRepositoriesCommand } from '@aws-sdk/client-codecommit';
import { CodeDeployClient, ListApplicationsCommand } from '@aws-sdk/client-codedeploy';
import { CodePipelineClient, ListPipelinesCommand } from '@aws-sdk/client-codepipeline';
import { askAwsPages } from '../api/use-aws.ts';
import { fragmentOf } from './place.ts';
import { href } from './router.ts';

export interface Found {
  text: string;
  /** What it is, in a word or two. */
  kind: string;
  href: string;
}

const found = (kind: string, service: string, pattern: string, names: (string | undefined)[]) =>
  names
    .filter((name) => name !== undefined)
    .map((name) => ({ text: name, kind, href: href(service, fragmentOf(pattern, { name })) }));

async function pipelines() {
  const pages = await askAwsPages(
    CodePipelineClient,
    (nextToken) => new ListPipelinesCommand({ nextToken }),
    ({ nextToken }) => nextToken,
  );
  const all = pages.flatMap((page) => page.pipelines ?? []);
  const names = all.map(({ name }) => name);
  return found('Pipeline', 'codepipeline', '/view/:name', names);
}

async function projects() {
  const pages = await askAwsPages(
    CodeBuildClient,
    (nextToken) => new ListProjectsCommand({ nextToken }),
    ({ nextToken }) => nextToken,
  );
  const names = pages.flatMap((page) => page.projects ?? []);
  return found('Build project', 'codebuild', '/projects/:name/view', names);
}

async function repositories() {
  const pages = await askAwsPages(
    CodeCommitClient,
    (nextToken) => new ListRepositoriesCommand({ nextToken }),
    ({ nextToken }) => nextToken,
  );
  const all = pages.flatMap((page) => page.repositories ?? []);
  const names = all.map(({ repositoryName }) => repositoryName);
  return found('Repository', 'codecommit', '/repository/:name', names);
}

async function applications() {
  const pages = await askAwsPages(
    CodeDeployClient,
    (nextToken) => new ListApplicationsCommand({ nextToken }),
    ({ nextToken }) => nextToken,
  );
  const names = pages.flatMap((page) => page.applications ?? []);
  return found('Application', 'codedeploy', '/applications/:name', names);
}

/** Resources by name, a list a service; what may not be listed is not found. */
export const resources = (): Promise<Found[]>[] => [
  pipelines(),
  projects(),
  repositories(),
  applications(),
];
