import { expect, it } from 'vitest';
import { actionTypes } from '../providers/index.ts';
import { absoluteUrl, entityPath } from './console.ts';
import type { ActionTypeId } from './declaration.ts';

const CONSOLE = 'http://here/_slipway/console';

// The fragments are those of the examples of `aws codepipeline get-pipeline-state`.
it.each([
  [
    'Source/CodeCommit',
    { RepositoryName: 'web', BranchName: 'main' },
    `${CONSOLE}/codecommit/home?region=eu-west-1#/repository/web/browse/main/--/`,
  ],
  [
    'Source/CodeCommit',
    { RepositoryName: 'web', BranchName: 'feature/a#b' },
    `${CONSOLE}/codecommit/home?region=eu-west-1#/repository/web/browse/feature%2Fa%23b/--/`,
  ],
  ['Source/S3', { S3Bucket: 'b' }, `${CONSOLE}/s3/home?region=eu-west-1#`],
  [
    'Build/CodeBuild',
    { ProjectName: 'web' },
    `${CONSOLE}/codebuild/home?region=eu-west-1#/projects/web/view`,
  ],
  [
    'Deploy/CodeDeploy',
    { ApplicationName: 'app', DeploymentGroupName: 'fleet' },
    `${CONSOLE}/codedeploy/home?region=eu-west-1#/applications/app/deployment-groups/fleet`,
  ],
  ['Approval/Manual', { ExternalEntityLink: 'https://example.com/x' }, 'https://example.com/x'],
  ['Approval/Manual', {}, undefined],
  ['Deploy/constructor', {}, undefined],
])('what %s works on', (kind, configuration, url) => {
  const [category, provider] = kind.split('/');
  const type = { category, provider, owner: 'AWS', version: '1' } as ActionTypeId;
  const path = entityPath(actionTypes, type, { region: 'eu-west-1', configuration });
  expect(absoluteUrl('http://here', path)).toBe(url);
});
