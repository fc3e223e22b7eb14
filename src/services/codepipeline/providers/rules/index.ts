import type { NotBuilt } from '../../model/action-type.ts';
import type { ActionType } from '../action-type.ts';
import { cloudWatchAlarm } from './cloudwatch-alarm.ts';
import { codeBuildRule } from './codebuild.ts';
import { deploymentWindow } from './deployment-window.ts';
import { lambdaInvoke } from './lambda-invoke.ts';
import { variableCheck } from './variable-check.ts';

/** The rule types that are built: what conditions may have and ListRuleTypes lists (CP-C28). */
export const ruleTypes: readonly ActionType[] = [
  cloudWatchAlarm,
  codeBuildRule,
  deploymentWindow,
  lambdaInvoke,
  variableCheck,
];

/** AWS has this too. */
export const rulesNotBuilt: NotBuilt = {
  'Rule/AWS/Commands': { members: { commands: 'required' } },
};
