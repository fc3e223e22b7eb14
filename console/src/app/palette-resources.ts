import { askAws } from '../api/use-aws.ts';
import { fragmentOf } from './place.ts';
import { href } from './router.ts';

export interface Found {
  text: string;
  /** What it is, in a word or two. */
  kind: string;
  href: string;
}

const found = (
  kind: string,
  service: string,
  pattern: string,
  names: (string | undefined)[] = [],
) =>
  names
    .filter((name) => name !== undefined)
    .map((name) => ({ text: name, kind, href: href(service, fragmentOf(pattern, { name })) }));

/** Resources by name, a list a service; what may not be listed is not found. */
export function resources(): Promise<Found[]>[] {
  return [
    import('@aws-sdk/client-codepipeline').then(async (sdk) => {
      const { pipelines } = await askAws(sdk.CodePipelineClient, new sdk.ListPipelinesCommand({}));
      return found(
        'Pipeline',
        'codepipeline',
        '/view/:name',
        pipelines?.map(({ name }) => name),
      );
    }),
    import('@aws-sdk/client-codebuild').then(async (sdk) => {
      const { projects } = await askAws(sdk.CodeBuildClient, new sdk.ListProjectsCommand({}));
      return found('Build project', 'codebuild', '/projects/:name/view', projects);
    }),
    import('@aws-sdk/client-codecommit').then(async (sdk) => {
      const { repositories } = await askAws(
        sdk.CodeCommitClient,
        new sdk.ListRepositoriesCommand({}),
      );
      const names = repositories?.map(({ repositoryName }) => repositoryName);
      return found('Repository', 'codecommit', '/repository/:name', names);
    }),
    import('@aws-sdk/client-codedeploy').then(async (sdk) => {
      const { applications } = await askAws(
        sdk.CodeDeployClient,
        new sdk.ListApplicationsCommand({}),
      );
      return found('Application', 'codedeploy', '/applications/:name', applications);
    }),
  ];
}
