/** The reconciler that keeps a balancer's listeners open (key: the balancer's ARN). */
export const SERVE = 'elb/serve';

/** Rung when the listeners of a balancer have something to learn. */
export const changedTopic = (arn: string) => `elb/changed/${arn}`;
/** Rung when they follow what they were told. */
export const appliedTopic = (arn: string) => `elb/applied/${arn}`;
