import { createHash } from 'node:crypto';
import type { RevisionLocation } from '@aws-sdk/client-codedeploy';
import type { TaskDefinition } from '@aws-sdk/client-ecs';
import { invalidAction } from '../errors.ts';
import type { Action } from '../model/declaration.ts';
import { defineActionType, type Job, requiredSetting, setting } from './action-type.ts';
import { artifactText, inputNamed } from './artifact-files.ts';
import {
  deploy,
  deploymentHearings,
  LINKS,
  lookAtDeployment,
  TARGET_KEYS,
} from './codedeploy-deployment.ts';
import { isKnown, jsonObject } from './configuration.ts';
import { registerTaskDefinition } from './ecs.ts';
import { ActionFailure } from './failure.ts';

const IMAGES = [1, 2, 3, 4];

/** A task definition and an AppSpec out of their templates, and the blue/green deployment of both (CP-B12). */
export const codeDeployToEcs = defineActionType({
  categories: ['Deploy'],
  provider: 'CodeDeployToECS',
  inputs: [1, 5],
  outputs: [0, 0],
  timeoutMinutes: 5 * 24 * 60,
  configuration: [
    ...TARGET_KEYS,
    {
      ...{ name: 'TaskDefinitionTemplateArtifact', required: true },
      description: 'The input artifact with the task definition.',
    },
    {
      ...{ name: 'AppSpecTemplateArtifact', required: true },
      description: 'The input artifact with the AppSpec file.',
    },
    {
      ...{ name: 'TaskDefinitionTemplatePath', default: 'taskdef.json' },
      description: 'The task definition (default taskdef.json).',
    },
    {
      ...{ name: 'AppSpecTemplatePath', default: 'appspec.yaml' },
      description: 'The AppSpec file (default appspec.yaml).',
    },
    ...IMAGES.flatMap((n) => [
      {
        name: `Image${n}ArtifactName`,
        description: 'An input artifact with imageDetail.json.',
      },
      {
        name: `Image${n}ContainerName`,
        description: "What stands for the image's address in the task definition: <NAME>.",
      },
    ]),
  ],
  rules,
  links: LINKS,
  hears: deploymentHearings('ecs-deployment'),
  marksStart: true,

  start: (job) => deploy(job, () => revisionOf(job)),
  look: lookAtDeployment,
});

function rules({ name, configuration, inputArtifacts }: Action): void {
  const artifacts = ['TaskDefinitionTemplateArtifact', 'AppSpecTemplateArtifact'];
  for (const n of IMAGES) {
    const [artifact, container] = [`Image${n}ArtifactName`, `Image${n}ContainerName`];
    artifacts.push(artifact);
    if (!configuration[artifact] !== !configuration[container])
      throw invalidAction(`Action '${name}': ${artifact} and ${container} are needed together`);
  }
  for (const key of artifacts) {
    const value = configuration[key];
    if (isKnown(value) && !inputArtifacts.some((input) => input.name === value))
      throw invalidAction(
        `Action '${name}': ${key} '${value}' is not one of the action's input artifacts`,
      );
  }
}

async function revisionOf(job: Job): Promise<RevisionLocation> {
  const template = await templateOf(job, 'AppSpecTemplate');
  const definition = await registerTaskDefinition(job, await taskDefinitionOf(job));
  const content = template.replaceAll('<TASK_DEFINITION>', () => definition);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { revisionType: 'AppSpecContent', appSpecContent: { content, sha256 } };
}

const templateOf = (job: Job, key: string) =>
  artifactText(
    job,
    inputNamed(job, requiredSetting(job, `${key}Artifact`)),
    requiredSetting(job, `${key}Path`),
  );

async function taskDefinitionOf(job: Job): Promise<TaskDefinition> {
  let text = await templateOf(job, 'TaskDefinitionTemplate');
  for (const n of IMAGES) {
    const artifact = setting(job, `Image${n}ArtifactName`);
    const placeholder = setting(job, `Image${n}ContainerName`);
    if (!artifact || !placeholder) continue;
    const image = await imageOf(job, artifact);
    text = text.replaceAll(`<${placeholder}>`, () => JSON.stringify(image).slice(1, -1));
  }
  return parsed('The task definition', text) as TaskDefinition;
}

async function imageOf(job: Job, artifact: string): Promise<string> {
  const text = await artifactText(job, inputNamed(job, artifact), 'imageDetail.json');
  const { ImageURI } = parsed('imageDetail.json', text);
  if (typeof ImageURI === 'string') return ImageURI;
  throw new ActionFailure(
    'ConfigurationError',
    `imageDetail.json of the artifact ${artifact} has no ImageURI`,
  );
}

function parsed(what: string, text: string): Record<string, unknown> {
  try {
    return jsonObject(text);
  } catch (error) {
    throw new ActionFailure('ConfigurationError', `${what}: ${(error as Error).message}`);
  }
}
