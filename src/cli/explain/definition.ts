import { readFileSync } from 'node:fs';
import type {
  ActionDeclaration,
  ArtifactStore,
  PipelineDeclaration,
} from '@aws-sdk/client-codepipeline';
import { entryOf, type FilePlace, type Located, placeOf, readLocated } from '../../lib/located.ts';
import type { ExplainedDenial } from './report.ts';

type Path = (string | number)[];

/** The part of a definition that an action's failure is about: what lacks a right, a value that the message names, or the action. */
export function guilty(
  pipeline: PipelineDeclaration,
  stage: string,
  action: string,
  message: string,
  denials: readonly Pick<ExplainedDenial, 'causes'>[],
): Path {
  const stages = pipeline.stages ?? [];
  const s = stages.findIndex(({ name }) => name === stage);
  const declared = stages[s]?.actions ?? [];
  const a = declared.findIndex(({ name }) => name === action);
  const found = declared[a];
  if (!found) return [];
  const here = ['stages', s, 'actions', a];
  const culprits = denials.flatMap(({ causes }) => causes.map(({ of }) => of));
  return (
    culprits.map((arn) => named(pipeline, found, here, arn)).find((path) => path !== undefined) ??
    ofInputs(found, here, message) ??
    ofValues(found, here, message) ??
    here
  );
}

/** Where a definition names a role, a bucket or a key. */
function named(
  pipeline: PipelineDeclaration,
  action: ActionDeclaration,
  here: Path,
  arn: string,
): Path | undefined {
  if (action.roleArn === arn) return [...here, 'roleArn'];
  if (pipeline.roleArn === arn) return ['roleArn'];
  const stores: [Path, ArtifactStore | undefined][] = [
    [['artifactStore'], pipeline.artifactStore],
    ...Object.entries(pipeline.artifactStores ?? {}).map(
      ([region, store]): [Path, ArtifactStore] => [['artifactStores', region], store],
    ),
  ];
  for (const [path, store] of stores) {
    if (store?.location && arn.endsWith(`:::${store.location}`)) return [...path, 'location'];
    if (store?.encryptionKey?.id === arn) return [...path, 'encryptionKey', 'id'];
  }
  const values = Object.entries(action.configuration ?? {});
  const key = values.find(([, value]) => value === arn || arn.endsWith(`:::${value}`))?.[0];
  return key === undefined ? undefined : [...here, 'configuration', key];
}

function ofInputs({ inputArtifacts = [] }: ActionDeclaration, here: Path, message: string) {
  const index = inputArtifacts.findIndex(({ name = '' }) => message.includes(`'${name}'`));
  return index < 0 ? undefined : [...here, 'inputArtifacts', index];
}

/** A key that the message names goes before a value that it has in it. */
function ofValues({ configuration = {} }: ActionDeclaration, here: Path, message: string) {
  const entries = Object.entries(configuration);
  const byKey = entries.find(([key]) => message.includes(`'${key}'`));
  const byValue = entries.find(([, value]) => value.length > 2 && message.includes(value));
  const key = (byKey ?? byValue)?.[0];
  return key === undefined ? undefined : [...here, 'configuration', key];
}

/** Where a part of a pipeline is in a file: the input of create-pipeline, the pipeline alone, or a template. */
export function placeIn(file: string, name: string, path: Path): FilePlace {
  const document = readLocated(readFileSync(file, 'utf8'), file);
  const template = entryOf(document, 'Resources')?.value;
  if (template?.kind === 'map') {
    const properties = pipelineIn(template, name);
    return properties ? placeOf(properties, path.map(asProperty)) : template.at;
  }
  return placeOf(entryOf(document, 'pipeline')?.value ?? document, path);
}

/** The template's pipeline of that name, or its only one. */
function pipelineIn(resources: Located & { kind: 'map' }, name: string): Located | undefined {
  const pipelines = resources.entries.flatMap(({ value }) => {
    const type = entryOf(value, 'Type')?.value;
    const properties = entryOf(value, 'Properties')?.value;
    const is = type?.kind === 'scalar' && type.text === 'AWS::CodePipeline::Pipeline';
    return is && properties ? [properties] : [];
  });
  const named = pipelines.find((properties) => {
    const given = entryOf(properties, 'Name')?.value;
    return given?.kind === 'scalar' && given.text === name;
  });
  return named ?? pipelines[0];
}

/** Keys of configurations are what they are. */
const asProperty = (step: string | number, index: number, path: Path): string | number =>
  typeof step === 'string' && path[index - 1] !== 'configuration'
    ? step.charAt(0).toUpperCase() + step.slice(1)
    : step;
