import { type Page, page } from './page.ts';

/*
 * Every page of the console: one line each, below the heading of its service (the first of a service that matches is
 * shown, so the narrower stand before the wider). The side navigation shows a link once its page is here. Fragments are
 * AWS's own; those that the server writes into events, notices and API answers are listed in README.md.
 */
export const pages: readonly Page[] = [
  // home
  page('home', '', () => import('./home/home.tsx')),

  // codepipeline
  page('codepipeline', '/pipelines', () => import('./codepipeline/pipelines.tsx')),
  page('codepipeline', '/view/:name', () => import('./codepipeline/pipeline.tsx')),
  page(
    'codepipeline',
    '/view/:name/:stage/:action/approve/:token',
    () => import('./codepipeline/pipeline.tsx'),
  ),

  page('codepipeline', '/view/:name/history', () => import('./codepipeline/history.tsx')),
  page('codepipeline', '/view/:name/compare/:a/:b', () => import('./codepipeline/compare.tsx')),
  page('codepipeline', '/view/:name/executions/:id', () => import('./codepipeline/execution.tsx')),
  page('codepipeline', '/view/:name/edit', () => import('./codepipeline/edit.tsx')),

  // codebuild
  page('codebuild', '/projects', () => import('./codebuild/projects.tsx')),
  page('codebuild', '/projects/:name/view', () => import('./codebuild/project.tsx')),
  page('codebuild', '/builds', () => import('./codebuild/builds.tsx')),
  page('codebuild', '/builds/:id/view/new', () => import('./codebuild/build.tsx')),
  page('codebuild', '/testReports/reports/:group/:id', () => import('./codebuild/report.tsx')),

  // codedeploy
  page('codedeploy', '/applications', () => import('./codedeploy/applications.tsx')),
  page('codedeploy', '/applications/:name', () => import('./codedeploy/application.tsx')),
  page(
    'codedeploy',
    '/applications/:name/deployment-groups/:group',
    () => import('./codedeploy/group.tsx'),
  ),
  page('codedeploy', '/deployments', () => import('./codedeploy/deployments.tsx')),
  page('codedeploy', '/deployments/:id', () => import('./codedeploy/deployment.tsx')),

  // ec2

  // codecommit
  page('codecommit', '/repositories', () => import('./codecommit/repositories.tsx')),
  page('codecommit', '/repository/:name', () => import('./codecommit/repository.tsx')),
  page(
    'codecommit',
    '/repository/:name/browse/:ref/--/*path',
    () => import('./codecommit/browse-page.tsx'),
  ),
  page('codecommit', '/repository/:name/edit/:ref/--/*path', () => import('./codecommit/edit.tsx')),
  page(
    'codecommit',
    '/repository/:name/create/:ref/--/*path',
    () => import('./codecommit/create-file.tsx'),
  ),
  page('codecommit', '/repository/:name/commits', () => import('./codecommit/commits.tsx')),
  page('codecommit', '/repository/:name/commits/:ref', () => import('./codecommit/commits.tsx')),
  page('codecommit', '/repository/:name/commit/:id', () => import('./codecommit/commit.tsx')),
  page('codecommit', '/repository/:name/branches', () => import('./codecommit/branches.tsx')),
  page('codecommit', '/repository/:name/compare', () => import('./codecommit/compare.tsx')),
  page('codecommit', '/repository/:name/compare/:range', () => import('./codecommit/compare.tsx')),
  page(
    'codecommit',
    '/repository/:name/pull-requests',
    () => import('./codecommit/pull-requests.tsx'),
  ),
  page(
    'codecommit',
    '/repository/:name/create-pull-request',
    () => import('./codecommit/create-pull-request.tsx'),
  ),
  page(
    'codecommit',
    '/repository/:name/pull-request/:id',
    () => import('./codecommit/pull-request.tsx'),
  ),
  page(
    'codecommit',
    '/repository/:name/pull-request/:id/:tab',
    () => import('./codecommit/pull-request.tsx'),
  ),
  page('codecommit', '/repository/:name/settings', () => import('./codecommit/settings.tsx')),

  // codesuite

  // iam
  page('iam', '/users', () => import('./iam/users.tsx')),
  page('iam', '/users/:name', () => import('./iam/user.tsx')),
  page('iam', '/roles', () => import('./iam/roles.tsx')),
  page('iam', '/roles/:name', () => import('./iam/role.tsx')),
  page('iam', '/policies', () => import('./iam/policies.tsx')),
  page('iam', '/denied', () => import('./iam/denied.tsx')),
  page('iam', '/policies/:arn', () => import('./iam/policy.tsx')),

  // cloudwatch

  // events

  // scheduler

  // sns

  // sqs

  // cloudtrail
  page('cloudtrail', '/events', () => import('./cloudtrail/events.tsx')),

  // systems-manager

  // secretsmanager

  // s3

  // kms

  // ecr

  // lambda

  // servicequotas

  // slipway
];
