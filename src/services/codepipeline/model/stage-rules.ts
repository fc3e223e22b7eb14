import { InvalidActionDeclarationException } from '@aws-sdk/client-codepipeline';
import { unsupported } from '../../../aws/errors.ts';
import { invalidStage, invalidStructure } from '../errors.ts';
import { actionProblems, type Place } from './action-rules.ts';
import {
  actionOf,
  type Condition,
  type ConditionMember,
  type Pipeline,
  type Result,
  rollsBack,
  type Stage,
} from './declaration.ts';
import { policyOf } from './mode.ts';
import { type Path, type Problems, thrownBy } from './problems.ts';

/** The results that each member's condition may have (CP-C24). */
const RESULTS: Record<ConditionMember, readonly Result[]> = {
  beforeEntry: ['FAIL', 'SKIP'],
  onSuccess: ['FAIL', 'ROLLBACK'],
  onFailure: ['FAIL', 'SKIP', 'RETRY', 'ROLLBACK'],
};
/** Those that a stage's failure has without a condition. */
const FAILURE_RESULTS: readonly Result[] = ['RETRY', 'ROLLBACK'];

const MEMBERS = Object.keys(RESULTS) as ConditionMember[];

/**
 * All that is wrong with what stages do besides their actions: conditions, retry and rollback of their own accord (CP-A13,
 * CP-C20..C28).
 */
export function* conditionProblems(pipeline: Pipeline, place: Place): Problems {
  for (const [s, stage] of pipeline.stages.entries()) {
    const at = ['stages', s];
    for (const member of MEMBERS) {
      for (const [c, condition] of (stage[member]?.conditions ?? []).entries())
        yield* oneCondition(stage, member, condition, place, [...at, member, 'conditions', c]);
    }
    yield* thrownBy([...at, 'onFailure'], () => validateFailure(stage));
    if (s === 0) yield* thrownBy(at, () => validateFirst(stage));
    if (rollsBack(stage) && !policyOf({ mode: pipeline.executionMode }).rollsBack) {
      const error = invalidStructure(
        `Stage '${stage.name}' rolls back, which a pipeline in ${pipeline.executionMode} mode cannot`,
      );
      yield { at, error };
    }
  }
}

function* oneCondition(
  stage: Stage,
  member: ConditionMember,
  { result, rules }: Condition,
  place: Place,
  at: Path,
): Problems {
  const where = `The ${member} condition of stage '${stage.name}'`;
  if (result !== undefined && !RESULTS[member].includes(result)) {
    const error = invalidStage(`${where} cannot have the result ${result}`);
    yield { at: [...at, 'result'], error };
  }
  if (rules.length === 0)
    yield { at: [...at, 'rules'], error: invalidStage(`${where} must have at least one rule`) };
  if (member === 'beforeEntry' && result === 'SKIP') yield* skipProblems(where, rules, at);
  const names = rules.map(({ name }) => name);
  for (const [r, rule] of rules.entries()) {
    const here = [...at, 'rules', r];
    if (names.indexOf(rule.name) !== r) {
      const error = invalidStage(`${where} has two rules with the name '${rule.name}'`);
      yield { at: [...here, 'name'], error };
    }
    yield* ofStage(`${where}, rule '${rule.name}'`, actionProblems(actionOf(rule), place, here));
  }
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html#stage-conditions-considerations */
const SKIPPING: readonly string[] = ['LambdaInvoke', 'VariableCheck'];

function* skipProblems(where: string, rules: Condition['rules'], at: Path): Problems {
  for (const [r, { name, ruleTypeId }] of rules.entries()) {
    if (SKIPPING.includes(ruleTypeId.provider)) continue;
    const error = invalidStage(
      `${where}, rule '${name}': with the result SKIP only the rules ${SKIPPING.join(' and ')} can be used`,
    );
    yield { at: [...at, 'rules', r, 'ruleTypeId', 'provider'], error };
  }
}

/** What is wrong with a rule is the stage's fault. */
export function* ofStage(where: string, problems: Problems): Problems {
  for (const problem of problems) {
    const { error } = problem;
    const isAction = error instanceof InvalidActionDeclarationException;
    yield isAction ? { ...problem, error: invalidStage(`${where}: ${error.message}`) } : problem;
  }
}

function validateFailure({ name, onFailure }: Stage): void {
  if (!onFailure) return;
  const { result, retryConfiguration, conditions } = onFailure;
  const own = conditions?.[0]?.result;
  if (result === undefined && !conditions?.length)
    throw invalidStage(`The onFailure of stage '${name}' must have a result or conditions`);
  if (result !== undefined && !FAILURE_RESULTS.includes(result))
    throw invalidStage(`The onFailure of stage '${name}' cannot have the result ${result}`);
  if (retryConfiguration && (own ?? result) !== 'RETRY')
    throw invalidStage(
      `The onFailure of stage '${name}' has a retryConfiguration, but not the result RETRY`,
    );
  if (result !== undefined && own !== undefined && own !== result)
    throw unsupported(
      `onFailure with the result ${result} and a condition with the result ${own} (stage '${name}')`,
    );
}

/** A stage with source actions has nothing to go back to, and what follows cannot do without it (CP-C22). */
function validateFirst(stage: Stage): void {
  if (rollsBack(stage))
    throw invalidStage(`The first stage '${stage.name}' cannot roll back: it has source actions`);
  const skips = MEMBERS.some((member) => stage[member]?.conditions?.[0]?.result === 'SKIP');
  if (skips) throw invalidStage(`The first stage '${stage.name}' cannot be skipped`);
}
