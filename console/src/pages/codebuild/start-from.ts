import type { Build, Project } from '@aws-sdk/client-codebuild';
import type { StartFrom } from './start-overrides.ts';

/** What a project has, for the dialog that starts one. Pure. */
export const fromProject = ({ name = '', ...project }: Project): StartFrom => ({
  project: name,
  sourceVersion: project.sourceVersion,
  buildspec: project.source?.buildspec,
  image: project.environment?.image,
  computeType: project.environment?.computeType,
  timeout: project.timeoutInMinutes,
  variables: project.environment?.environmentVariables ?? [],
});

/** What a build had, to start it again. */
export const fromBuild = (build: Build): StartFrom => ({
  project: build.projectName ?? '',
  sourceVersion: build.resolvedSourceVersion ?? build.sourceVersion,
  buildspec: build.source?.buildspec,
  image: build.environment?.image,
  computeType: build.environment?.computeType,
  timeout: build.timeoutInMinutes,
  variables: build.environment?.environmentVariables ?? [],
});
