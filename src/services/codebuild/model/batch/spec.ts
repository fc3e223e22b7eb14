import { LARGEST_BATCH, MOST_BATCH_BUILDS } from '../../limits.ts';
import { inOrder, type Place, SpecError, YamlReader } from '../yaml-reader.ts';
import { fanoutTasks, matrixTasks } from './expansion.ts';
import { type BatchSpec, type BatchTask, BUILD_TYPES, READER } from './task.ts';
import { readEnv, readTexts, readTimes, taken } from './values.ts';

const BATCH_KEYS = ['fast-fail', ...BUILD_TYPES];
const TASK_KEYS = ['identifier', 'buildspec', 'debug-session', 'env', 'ignore-failure'];
const IDENTIFIER = /^[A-Za-z0-9_-]{1,128}$/;
const PARALLELISM = [2, MOST_BATCH_BUILDS] as const;

/**
 * The builds of the `batch` section of a buildspec (CB-G1 to CB-G4). What else is in the file is not looked at: each
 * build reads its own buildspec.
 * @throws SpecError with the text for the context YAML_FILE_ERROR
 */
export function parseBatchSpec(text: string): BatchSpec {
  const {
    spec,
    problems: [problem],
  } = readBatchSpec(text);
  if (!spec || problem) throw problem;
  return spec;
}

/** The same, to its end, whatever is wrong with it. */
export function readBatchSpec(text: string): {
  spec: BatchSpec | undefined;
  problems: SpecError[];
} {
  let reader: YamlReader | undefined;
  try {
    reader = new YamlReader(text);
    const spec = readBatch(reader);
    return { spec, problems: inOrder(reader.problems) };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return {
      spec: undefined,
      problems: inOrder([...new Set([...(reader?.problems ?? []), error])]),
    };
  }
}

function readBatch(reader: YamlReader): BatchSpec {
  const batch = batchOf(reader);
  const keys = taken(reader, batch, BATCH_KEYS);
  const [type, place] = onlyType(reader, batch, keys);
  return { fastFail: reader.flag(keys.get('fast-fail')), tasks: tasksOf(reader, type, place) };
}

function batchOf(reader: YamlReader): Place {
  const root = reader.root();
  if (reader.isNull(root)) throw new SpecError('The buildspec is empty', root.at);
  const members = reader.members(root);
  const batch = members.get('batch');
  const version = members.get('version');
  const said = reader.text(version).trim();
  if (!version || said === '')
    throw new SpecError(
      'The key "version" is missing; it must be 0.2 for a batch build',
      (version ?? root).at,
    );
  if (said !== '0.2') reader.fail(version, `is ${said}; it must be 0.2 for a batch build`);
  if (!batch || reader.isNull(batch))
    throw new SpecError('The key "batch" is missing; a batch build needs it', (batch ?? root).at);
  return batch;
}

type BuildType = (typeof BUILD_TYPES)[number];

function onlyType(
  reader: YamlReader,
  batch: Place,
  keys: Map<string, Place>,
): readonly [BuildType, Place] {
  const found = BUILD_TYPES.flatMap((type) => {
    const place = keys.get(type);
    return place && !reader.isNull(place) ? [[type, place] as const] : [];
  });
  const [first, second] = found;
  // A key that there is not was meant for one, most likely.
  const [unknown] = reader.problems;
  if (!first && unknown) throw unknown;
  if (!first) return reader.fail(batch, `must have one of ${BUILD_TYPES.join(', ')}`);
  if (second) reader.fail(second[1], `cannot be used together with batch.${first[0]}`);
  return first;
}

function tasksOf(reader: YamlReader, type: BuildType, place: Place): BatchTask[] {
  switch (type) {
    case 'build-list':
      return listed(reader, place, TASK_KEYS).map(({ task }) => task);
    case 'build-graph':
      return graph(reader, place);
    case 'build-matrix':
      return matrixTasks(reader, place);
    case 'build-fanout': {
      const keys = taken(reader, place, ['parallelism', 'ignore-failure']);
      const number = readTimes(reader, place, keys.get('parallelism'), PARALLELISM);
      return fanoutTasks(number, reader.flag(keys.get('ignore-failure')));
    }
  }
}

interface Listed {
  task: BatchTask;
  place: Place;
  keys: Map<string, Place>;
}

function listed(reader: YamlReader, place: Place, allowed: readonly string[]): Listed[] {
  const items = reader.items(place);
  if (items.length === 0) reader.fail(place, 'has no builds');
  if (items.length > LARGEST_BATCH)
    reader.fail(place, `has ${items.length} builds; a batch has ${LARGEST_BATCH} at most,`);
  const seen = new Set<string>();
  return items.map((item) => {
    const keys = taken(reader, item, allowed);
    const task = readTask(reader, item, keys);
    if (seen.has(task.identifier))
      reader.fail(item, `has the identifier ${task.identifier}, which another build has,`);
    seen.add(task.identifier);
    return { task, place: item, keys };
  });
}

function readTask(reader: YamlReader, item: Place, keys: Map<string, Place>): BatchTask {
  const named = keys.get('identifier');
  const identifier = named ? reader.scalar(named).trim() : '';
  if (!named || identifier === '') return reader.fail(item, 'has no identifier');
  if (!IDENTIFIER.test(identifier))
    reader.fail(
      named,
      `is ${identifier}; it must have letters, digits, hyphens and underscores only,`,
    );
  if (identifier === READER) reader.fail(named, `is ${READER}, which is CodeBuild's own,`);
  const session = keys.get('debug-session');
  const buildspec = keys.get('buildspec');
  const file = buildspec ? reader.scalar(buildspec) : '';
  return {
    identifier,
    ignoreFailure: reader.flag(keys.get('ignore-failure')),
    ...(file.trim() && { buildspec: file }),
    ...(session && reader.flag(session) && { debug: true as const }),
    ...readEnv(reader, keys.get('env')),
  };
}

function graph(reader: YamlReader, place: Place): BatchTask[] {
  const found = listed(reader, place, [...TASK_KEYS, 'depend-on']);
  const known = new Set(found.map(({ task }) => task.identifier));
  const tasks = found.map(({ task, keys }) => {
    const at = keys.get('depend-on');
    const dependsOn = [...new Set(readTexts(reader, at))];
    const missing = dependsOn.find((each) => !known.has(each));
    if (at && missing !== undefined) reader.fail(at, `names ${missing}, which is no build of it,`);
    return { ...task, dependsOn };
  });
  const cycle = cycleIn(tasks);
  const first = cycle && found.find(({ task }) => task.identifier === cycle[0]);
  if (cycle && first) {
    const way = cycle.join(' -> ');
    reader.fail(first.keys.get('depend-on') ?? first.place, `makes a circle, ${way},`);
  }
  return tasks;
}

/** A way along the dependencies that ends where it began, as identifiers; undefined when there is none. */
export function cycleIn(
  tasks: readonly Pick<BatchTask, 'identifier' | 'dependsOn'>[],
): string[] | undefined {
  const byName = new Map(tasks.map((task) => [task.identifier, task.dependsOn ?? []]));
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (identifier: string): string[] | undefined => {
    const at = way.indexOf(identifier);
    if (at >= 0) return [...way.slice(at), identifier];
    if (done.has(identifier)) return undefined;
    way.push(identifier);
    for (const next of byName.get(identifier) ?? []) {
      const found = visit(next);
      if (found) return found;
    }
    way.pop();
    done.add(identifier);
    return undefined;
  };
  for (const { identifier } of tasks) {
    const found = visit(identifier);
    if (found) return found;
  }
  return undefined;
}
