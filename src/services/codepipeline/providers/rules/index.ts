import type { ActionType } from '../action-type.ts';
import { cloudWatchAlarm } from './cloudwatch-alarm.ts';
import { codeBuildRule } from './codebuild.ts';
import { commandsRule } from './commands.ts';
import { deploymentWindow } from './deployment-window.ts';
import { lambdaInvoke } from './lambda-invoke.ts';
import { variableCheck } from './variable-check.ts';

/** The rule types that are built: what conditions may have and ListRuleTypes lists (CP-C28). */
export const ruleTypes: readonly ActionType[] = [
  cloudWatchAlarm,
  codeBuildRule,
  commandsRule,
  deploymentWindow,
  lambdaInvoke,
  variableCheck,
];
