import { setOwn } from '../../../lib/own.ts';
import { type Condition, type ConditionMember, conditionOf } from './declaration.ts';
import type { StageAt } from './stage-at.ts';
import { startRule } from './start-action.ts';
import type { ConditionRun } from './state.ts';
import { BEGIN } from './states.ts';

// Conditions and their rules (CP-C25): all rules are evaluated, and all must succeed.

/** The condition that an execution has to meet here; a rollback has none. */
export function conditionAt(
  { execution, stage }: Pick<StageAt, 'execution' | 'stage'>,
  member: ConditionMember,
): Condition | undefined {
  return execution.type === 'STANDARD' ? conditionOf(stage, member) : undefined;
}

/** Starts all rules of a condition. */
export function beginEvaluation(at: StageAt, member: ConditionMember): void {
  const { draft, execution, run } = at;
  const before = run.conditions[member];
  const evaluation = (before?.evaluation ?? 0) + 1;
  const status = before?.status ?? (BEGIN as ConditionRun['status']);
  const state: ConditionRun = { status, lastChange: draft.now, evaluation, rules: {} };
  draft.setCondition(execution, state, 'InProgress');
  run.conditions[member] = state;
  for (const rule of conditionAt(at, member)?.rules ?? []) {
    setOwn(state.rules, rule.name, startRule(at, { member, rule, evaluation }));
  }
}

/** A rule that was evaluated and says no; with any other code it could not be evaluated. */
export const RULE_FAILED = 'JobFailed';

export type Verdict = 'met' | 'failed' | 'waits';

/** How a condition stands, once all its rules have ended; one that is not there is met. */
export function judge(at: StageAt, member: ConditionMember): Verdict {
  const { draft, execution, run } = at;
  const state = run.conditions[member];
  if (!state || !conditionAt(at, member)) return 'met';
  if (state.status === 'InProgress') {
    const rules = draft.rulesOf(state);
    if (rules.some((rule) => rule.status === 'InProgress')) return 'waits';
    const failed = rules.filter((rule) => rule.status !== 'Succeeded');
    const errored = failed.filter((rule) => rule.errorDetails?.code !== RULE_FAILED);
    state.summary = failed.map((r) => r.progress.summary ?? r.errorDetails?.message).join('; ');
    if (failed.length === 0) delete state.summary;
    const status = errored.length > 0 ? 'Errored' : failed.length > 0 ? 'Failed' : 'Succeeded';
    draft.setCondition(execution, state, status);
  }
  return state.status === 'Succeeded' || state.status === 'Overridden' ? 'met' : 'failed';
}
