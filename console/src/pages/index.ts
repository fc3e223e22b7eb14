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

  // codesuite

  // iam

  // cloudwatch

  // events

  // scheduler

  // sns

  // sqs

  // cloudtrail

  // systems-manager

  // secretsmanager

  // s3

  // kms

  // ecr

  // lambda

  // servicequotas

  // slipway
];
