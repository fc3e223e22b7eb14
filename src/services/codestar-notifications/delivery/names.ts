/** Name of the reconciler that tells a target (key: the queue of a rule and a target). */
export const DELIVER = 'codestar-notifications/deliver';
/** Name of the reconciler that forgets what is too old (key: `all`). */
export const COLLECT = 'codestar-notifications/collect';
/** Name of the subscription to the events of the services. */
export const HEARS = 'codestar-notifications/events';
