import { setOwn } from '../../../../lib/own.ts';
import { LARGEST_BATCH } from '../../limits.ts';
import type { Place, YamlReader } from '../yaml-reader.ts';
import type { BatchTask, TaskEnvironment } from './task.ts';
import { readEnv, readTexts, taken } from './values.ts';

/** What a build of a matrix has on one of its axes. */
type Choice = (task: BatchTask) => BatchTask;

/** A list of which each build of the matrix has one. */
type Axis = Choice[];

/** The builds of `build-matrix` (CB-G3): each combination of what its dynamic lists hold, the last list varying first. */
export function matrixTasks(reader: YamlReader, place: Place): BatchTask[] {
  const keys = taken(reader, place, ['static', 'dynamic']);
  const { ignoreFailure, env } = readStatic(reader, keys.get('static'));
  const axes = readDynamic(reader, keys.get('dynamic'));
  const number = axes.reduce((product, axis) => product * axis.length, 1);
  // Counted before they are made: a few short lists stand for any number of builds.
  if (number > LARGEST_BATCH)
    reader.fail(place, `has ${number} builds; a batch has ${LARGEST_BATCH} at most,`);
  let tasks: BatchTask[] = [{ identifier: '', ignoreFailure, ...env }];
  for (const choices of axes)
    tasks = tasks.flatMap((task) => choices.map((choose) => choose(task)));
  return tasks.map((task, index) => ({ ...task, identifier: `build${index}` }));
}

/** The builds of `build-fanout` (CB-G4): the same one so many times, each with its number. */
export function fanoutTasks(total: number, ignoreFailure: boolean): BatchTask[] {
  return Array.from({ length: total }, (_, current) => ({
    identifier: `build${current}`,
    ignoreFailure,
    shard: { current, total },
  }));
}

function readStatic(
  reader: YamlReader,
  place: Place | undefined,
): { ignoreFailure: boolean; env: TaskEnvironment } {
  if (!place || reader.isNull(place)) return { ignoreFailure: false, env: {} };
  const keys = taken(reader, place, ['ignore-failure', 'env']);
  return {
    ignoreFailure: reader.flag(keys.get('ignore-failure')),
    env: readEnv(reader, keys.get('env')),
  };
}

const DYNAMIC_ENV = ['compute-type', 'image', 'type', 'variables'];

function readDynamic(reader: YamlReader, place: Place | undefined): Axis[] {
  if (!place || reader.isNull(place)) return [];
  const keys = taken(reader, place, ['buildspec', 'env']);
  const env = keys.get('env');
  const inner =
    env && !reader.isNull(env) ? taken(reader, env, DYNAMIC_ENV) : new Map<string, Place>();
  const variables = inner.get('variables');
  return [
    ...axis(reader, keys.get('buildspec'), (buildspec) => (task) => ({ ...task, buildspec })),
    ...axis(reader, inner.get('compute-type'), (computeType) => (task) => ({
      ...task,
      computeType,
    })),
    ...axis(reader, inner.get('image'), (image) => (task) => ({ ...task, image })),
    ...axis(reader, inner.get('type'), (type) => (task) => ({ ...task, type })),
    ...(variables ? [...reader.members(variables)] : []).flatMap(([name, at]) =>
      axis(reader, at, (value) => (task) => {
        const own: Record<string, string> = { ...task.variables };
        setOwn(own, name, value);
        return { ...task, variables: own };
      }),
    ),
  ];
}

function axis(
  reader: YamlReader,
  place: Place | undefined,
  choice: (text: string) => Choice,
): Axis[] {
  if (!place) return [];
  const texts = readTexts(reader, place);
  if (texts.length === 0) reader.fail(place, 'has no values');
  return [texts.map(choice)];
}
