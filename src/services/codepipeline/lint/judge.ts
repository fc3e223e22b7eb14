import { CreatePipelineInput$, type PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import { formatViolations, NOT_NULL, type Violation } from '../../../aws/validate/messages.ts';
import { compileViolations } from '../../../aws/validate/validate.ts';
import { CONTRACTS, readContract } from '../../../aws/validate/validator.ts';
import { fillIn, type Shaped, shaped } from '../../../kit/lint/shape.ts';
import { isUnknown, legible } from '../../../kit/lint/unknown.ts';
import { checkNewTags } from '../../../kit/tags.ts';
import type { Located } from '../../../lib/located.ts';
import type { ActionFacts } from '../model/action-type.ts';
import { normalise } from '../model/declaration.ts';
import { isNotBuilt, type Path, type Problem, thrownBy } from '../model/problems.ts';
import { structureProblems } from '../model/structure.ts';
import { notBuilt, workTypes } from '../providers/index.ts';
import { tagRules } from '../resources/pipeline.ts';
import { regionOf } from './region.ts';
import type { Remark } from './remark.ts';
import { warnings } from './warnings.ts';

/** All that is to say of an input, and what CreatePipeline answers to it where it is refused. */
export interface Judgement {
  remarks: Remark[];
  answer: { code: string; message: string } | undefined;
}

const violationsOf = compileViolations(
  readContract(CONTRACTS, 'codepipeline'),
  (text) => !isUnknown(text),
);

/** Rules of types look at values as they are: one that is not known is to them as one that a variable brings. */
const types: readonly ActionFacts[] = workTypes.map((type) => ({
  ...type,
  rules(action) {
    const known = Object.entries(action.configuration).map(([key, value]) => [
      key,
      isUnknown(value) ? '#{not.known}' : value,
    ]);
    type.rules?.({ ...action, configuration: Object.fromEntries(known) });
  },
}));

/** Judges the input of CreatePipeline by its types, its constraints and its structure: each on what the ones before left. */
export function judge(input: Located, region: string | undefined): Judgement {
  const read = shaped(CreatePipelineInput$, input);
  const mistyped = read.mistyped.map(({ at, message }) =>
    error('SerializationException', at, message),
  );
  const taken = [...read.opaque, ...read.mistyped.map(({ at }) => at)];
  const violations = (violationsOf('CreatePipeline', read.value) ?? []).filter(
    ({ at }) => !taken.some((path) => startsWith(at, path) || startsWith(path, at)),
  );
  const invalid = violations.map((v) => error('ValidationException', v.at, messageOf(v)));
  const structure = structureOf(read, violations, region);
  const remarks = [...[...mistyped, ...invalid, ...structure, ...warnings(read)].map(readable)];
  const [first] = [...mistyped, ...structure.filter(({ severity }) => severity === 'error')];
  const answer = mistyped[0] ?? together(violations) ?? first;
  return { remarks, answer: answer && { code: answer.code, message: legible(answer.message) } };
}

const error = (code: string, at: Path, message: string): Remark => ({
  severity: 'error',
  ...{ code, at, message },
});

const readable = (remark: Remark): Remark => ({
  ...remark,
  message: legible(remark.message),
});

const messageOf = (violation: Violation) =>
  formatViolations([violation]).replace(/^1 validation error detected: /, '');

/** AWS tells all of them in one answer. */
const together = (violations: Violation[]) =>
  violations.length === 0
    ? undefined
    : { code: 'ValidationException', message: formatViolations(violations) };

const startsWith = (path: Path, start: Path) => start.every((step, index) => path[index] === step);

/** What is wrong with the structure, with what is missing or of another type taken for unknown. */
function structureOf(
  read: Shaped,
  violations: readonly Violation[],
  region: string | undefined,
): Remark[] {
  const input = structuredClone(read.value) as { pipeline: PipelineDeclaration; tags?: never[] };
  const missing = violations.filter(({ constraint }) => constraint === NOT_NULL);
  const blank = [...read.opaque, ...[...read.mistyped, ...missing].map(({ at }) => at)];
  if (typeof input !== 'object' || blank.some(({ length }) => length < 2)) return [];
  // Outer ones first, which are made up as a whole.
  const inOrder = blank.toSorted((a, b) => a.length - b.length);
  const unsure = inOrder.filter((at) => fillIn(CreatePipelineInput$, input, at));
  const declaration = normalise(input.pipeline, 1);
  const place = { region: regionOf(declaration, region), actionTypes: types, notBuilt };
  const problems = [
    ...[...structureProblems(declaration, place)].map((p) => ({ ...p, at: ['pipeline', ...p.at] })),
    ...thrownBy(['tags'], () => checkNewTags(input.tags ?? [], tagRules('the pipeline'))),
  ];
  const sure = problems.filter((problem) => isSure(problem, input, unsure));
  return [...sure.filter((p) => !isNotBuilt(p)), ...sure.filter(isNotBuilt)].map((problem) =>
    remarkOf(problem, input),
  );
}

function remarkOf(problem: Problem, input: unknown): Remark {
  const { name, message } = problem.error;
  const at = problem.key === undefined ? problem.at : [...problem.at, problem.key];
  // Each account has its own; lint has none.
  if (valueAt(input, [...at, 'owner']) === 'Custom') {
    const custom = `${message}, unless your account has this custom action type`;
    return { severity: 'warning', code: 'CustomActionType', at, message: custom };
  }
  return isNotBuilt(problem)
    ? { severity: 'warning', code: name, at, message: `${message} AWS takes it.` }
    : error(name, at, message);
}

/** Members that say what there is: of what flows between actions, nothing is known where one of them is not. */
const FRAME = new Set(['stages', 'actions', 'outputArtifacts', 'runOrder', 'artifactStores']);

/** Is a problem one, whatever the values come to that are not known? */
function isSure(problem: Problem, input: unknown, unsure: readonly Path[]): boolean {
  const framed = unsure.some(
    (path) => FRAME.has(String(path.at(-1))) || path.at(-1) === 'actionTypeId',
  );
  if (framed && !isNotBuilt(problem)) return false;
  if (unsure.some((path) => startsWith(path, problem.at) || startsWith(problem.at, path)))
    return false;
  const here = problem.key === undefined ? valueAt(input, problem.at) : undefined;
  return ![here, ...(problem.judged ?? [])].some(
    (value) => typeof value === 'string' && isUnknown(value),
  );
}

function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Record<string | number, unknown>)[step];
  }
  return here;
}
