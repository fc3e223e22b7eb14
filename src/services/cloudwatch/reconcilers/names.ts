/** Evaluates metric alarms. Its keys are how often, in milliseconds. */
export const WHEEL = 'cloudwatch/wheel';
/** Evaluates the composite alarms of an account and region. */
export const COMPOSITES = 'cloudwatch/composites';
/** Does what an alarm has to do. Its key is the action's id. */
export const ACTION = 'cloudwatch/action';
/** Merges, rolls up and forgets. Its one key is `data`. */
export const RETENTION_KEEPER = 'cloudwatch/retention';

/** The key of the composite alarms. */
export const compositesKey = ({ accountId, region }: { accountId: string; region: string }) =>
  `${accountId}/${region}`;
