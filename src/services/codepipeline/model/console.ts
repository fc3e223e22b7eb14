import { consoleUrl } from '../../../lib/console-url.ts';
import { ownValue } from '../../../lib/own.ts';
import type { ActionTypeId } from './declaration.ts';
import type { ActionRun } from './state.ts';

/*
 * Where the console shows what actions work on and have done: AWS's own fragments. Paths on this server, since what is
 * stored outlives the address under which it is reached; `absoluteUrl` makes an address of one.
 */

interface Place {
  region: string;
  configuration: Readonly<Record<string, string>>;
}

const path = (service: string, region: string, fragment: string) =>
  consoleUrl('', service, region, fragment);

export function commitPath(region: string, repository: string, commitId: string): string {
  return path('codecommit', region, `/repository/${repository}/commit/${commitId}`);
}

/** Amazon S3's console has no fragments. */
export function s3Path(region: string): string {
  return path('s3', region, '');
}

/** By category and provider: what an action works on. */
const ENTITIES: Record<string, (place: Place, value: (name: string) => string) => string> = {
  'Source/CodeCommit': ({ region }, value) =>
    path(
      'codecommit',
      region,
      `/repository/${value('RepositoryName')}/browse/${value('BranchName')}/--/`,
    ),
  'Source/S3': ({ region }) => s3Path(region),
  'Build/CodeBuild': ({ region }, value) =>
    path('codebuild', region, `/projects/${value('ProjectName')}/view`),
  'Test/CodeBuild': ({ region }, value) =>
    path('codebuild', region, `/projects/${value('ProjectName')}/view`),
  'Deploy/CodeDeploy': ({ region }, value) =>
    path(
      'codedeploy',
      region,
      `/applications/${value('ApplicationName')}/deployment-groups/${value('DeploymentGroupName')}`,
    ),
  'Deploy/S3': ({ region }) => s3Path(region),
  // Of an approval: what its author says that it is about.
  'Approval/Manual': (_place, value) => value('ExternalEntityLink'),
};

const kindOf = ({ category, provider }: Pick<ActionTypeId, 'category' | 'provider'>) =>
  `${category}/${provider}`;

/** What the action works on; undefined when there is nothing to see. */
export function entityPath(type: ActionTypeId, place: Place): string | undefined {
  const value = (name: string) => ownValue(place.configuration, name) ?? '';
  return ownValue(ENTITIES, kindOf(type))?.(place, value) || undefined;
}

/** What the provider did for an action execution; undefined before it has begun. */
export function executionPath({ input, progress }: ActionRun): string | undefined {
  const id = progress.externalExecutionId;
  if (id === undefined) return undefined;
  const { region, actionTypeId, resolvedConfiguration } = input;
  switch (actionTypeId.provider) {
    case 'CodeBuild':
      return path('codebuild', region, `/builds/${id}/view/new`);
    case 'CodeDeploy':
      return path('codedeploy', region, `/deployments/${id}`);
    case 'CodeCommit':
      return commitPath(region, ownValue(resolvedConfiguration, 'RepositoryName') ?? '', id);
    case 'S3':
      return s3Path(region);
    default:
      return undefined;
  }
}

export function absoluteUrl(endpoint: string, url: string | undefined): string | undefined {
  return url?.startsWith('/') ? `${endpoint}${url}` : url;
}
