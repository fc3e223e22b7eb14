import { InvalidActionDeclarationException } from '@aws-sdk/client-codepipeline';
import { unsupported } from '../../../aws/errors.ts';
import { invalidStage, invalidStructure } from '../errors.ts';
import { type Place, validateAction } from './action-rules.ts';
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
 * Checks what stages do besides their actions: conditions, retry and rollback of their own accord (CP-A13, CP-C20..C28).
 * @throws InvalidStageDeclarationException, InvalidStructureException
 */
export function validateConditions(pipeline: Pipeline, place: Place): void {
  for (const stage of pipeline.stages) {
    for (const member of MEMBERS) {
      for (const condition of stage[member]?.conditions ?? [])
        validateCondition(stage, member, condition, place);
    }
    validateFailure(stage);
    if (stage === pipeline.stages[0]) validateFirst(stage);
    if (rollsBack(stage) && !policyOf({ mode: pipeline.executionMode }).rollsBack) {
      throw invalidStructure(
        `Stage '${stage.name}' rolls back, which a pipeline in ${pipeline.executionMode} mode cannot`,
      );
    }
  }
}

function validateCondition(
  stage: Stage,
  member: ConditionMember,
  { result, rules }: Condition,
  place: Place,
): void {
  const where = `The ${member} condition of stage '${stage.name}'`;
  if (result !== undefined && !RESULTS[member].includes(result))
    throw invalidStage(`${where} cannot have the result ${result}`);
  if (rules.length === 0) throw invalidStage(`${where} must have at least one rule`);
  const names = rules.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw invalidStage(`${where} has two rules with the name '${twice}'`);
  for (const rule of rules) {
    asStage(`${where}, rule '${rule.name}'`, () => validateAction(actionOf(rule), place));
  }
}

/** What is wrong with a rule is the stage's fault. */
export function asStage(where: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof InvalidActionDeclarationException)
      throw invalidStage(`${where}: ${error.message}`);
    throw error;
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
