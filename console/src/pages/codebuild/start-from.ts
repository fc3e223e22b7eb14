import type { Build, Project } from '@aws-sdk/client-codebuild';
import type { StartFrom } from './start-overrides.ts';

/** Pure. */
const from = ({ source, environment, timeoutInMinutes }: Project | Build) => ({
  buildspec: source?.buildspec,
  image: environment?.image,
  computeType: environment?.computeType,
  timeout: timeoutInMinutes,
  variables: environment?.environmentVariables ?? [],
});

/** What a project has, for the dialog that starts one. */
export const fromProject = (project: Project): StartFrom => ({
  ...from(project),
  project: project.name ?? '',
  sourceVersion: project.sourceVersion,
});

/** What a build had, to start it again. */
export const fromBuild = (build: Build): StartFrom => ({
  ...from(build),
  project: build.projectName ?? '',
  sourceVersion: build.resolvedSourceVersion ?? build.sourceVersion,
});
