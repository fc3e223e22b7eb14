import type { Project, StartBuildInput } from '@aws-sdk/client-codebuild';
import { parseArn } from '../../../aws/arn.ts';
import type { Principal } from '../../../aws/principal.ts';
import { MANAGED_TIMEOUT_MINUTES } from '../limits.ts';

/*
 * Builds without a project: what CodePipeline runs for an action (Commands). Their project is none that is stored, and
 * nobody but CodePipeline, for that very pipeline, can name it: `codepipeline/PIPELINE`, which is no name of a project.
 */

export const MANAGED_PREFIX = 'codepipeline/';
const PIPELINES = 'codepipeline.amazonaws.com';

/** For whom a build acts whose role is not CodeBuild's to assume: a pipeline, by its role or from there. */
export interface Actor {
  service: string;
  sourceArn: string;
  /** The role from which the build's is assumed. */
  byRoleArn?: string;
}

export const isManaged = (project: string | undefined): boolean =>
  project?.startsWith(MANAGED_PREFIX) ?? false;

/** May it name this project? */
export function mayName(principal: Principal, project: string): boolean {
  if (!isManaged(project)) return true;
  if (principal.type !== 'service' || principal.service !== PIPELINES) return false;
  return `${MANAGED_PREFIX}${parseArn(principal.sourceArn)?.resource}` === project;
}

/** All else comes with StartBuild. */
export const managedProject = (name: string): Project => ({
  name,
  source: { type: 'CODEPIPELINE' },
  artifacts: { type: 'CODEPIPELINE' },
  environment: {
    type: 'LINUX_CONTAINER',
    image: 'aws/codebuild/amazonlinux-x86_64-standard:5.0',
    computeType: 'BUILD_GENERAL1_SMALL',
  },
  timeoutInMinutes: MANAGED_TIMEOUT_MINUTES,
});

/** The variable by which CodePipeline says what StartBuild has no member for; see the README. */
export const BY_ROLE = 'CODEBUILD_PIPELINE_ROLE';

export function actorOf(principal: Principal, input: StartBuildInput): Actor | undefined {
  if (principal.type !== 'service') return undefined;
  const { service, sourceArn } = principal;
  const byRoleArn = input.environmentVariablesOverride?.find(({ name }) => name === BY_ROLE)?.value;
  return { service, sourceArn, ...(byRoleArn && { byRoleArn }) };
}
