import { parseArn } from '../../../aws/arn.ts';
import { invalidParameter } from '../errors.ts';

/** Where messages go that were received too often. */
export interface RedrivePolicy {
  deadLetterTargetArn: string;
  maxReceiveCount: number;
}

/** Which queues may make this one their dead-letter queue. */
export interface RedriveAllowPolicy {
  redrivePermission: 'allowAll' | 'denyAll' | 'byQueue';
  sourceQueueArns?: string[];
}

const MOST_RECEIVES = 1_000;
const MOST_SOURCES = 10;

/** @throws InvalidParameterValue */
export function parseRedrivePolicy(text: string): RedrivePolicy {
  const refuse = (reason: string) => invalidParameter(text, 'RedrivePolicy', reason);
  const policy = parseObject(text, () => refuse('Redrive policy is not a valid JSON map.'));
  const { deadLetterTargetArn, maxReceiveCount } = policy;
  if (deadLetterTargetArn === undefined)
    throw refuse('Redrive policy does not contain mandatory attribute: deadLetterTargetArn.');
  if (maxReceiveCount === undefined)
    throw refuse('Redrive policy does not contain mandatory attribute: maxReceiveCount.');
  if (typeof deadLetterTargetArn !== 'string' || parseArn(deadLetterTargetArn)?.service !== 'sqs')
    throw refuse('Invalid value for deadLetterTargetArn.');
  // The console and older tools write it as text.
  const count = /^[0-9]{1,9}$/.test(String(maxReceiveCount)) ? Number(maxReceiveCount) : 0;
  if (count < 1 || count > MOST_RECEIVES)
    throw refuse(
      `Invalid value for maxReceiveCount: ${maxReceiveCount}, valid values are from 1 to ${MOST_RECEIVES} both inclusive.`,
    );
  return { deadLetterTargetArn, maxReceiveCount: count };
}

/** @throws InvalidParameterValue */
export function parseRedriveAllowPolicy(text: string): RedriveAllowPolicy {
  const refuse = (reason: string) => invalidParameter(text, 'RedriveAllowPolicy', reason);
  const policy = parseObject(text, () => refuse('Redrive allow policy is not a valid JSON map.'));
  const { redrivePermission, sourceQueueArns } = policy;
  switch (redrivePermission) {
    case 'allowAll':
    case 'denyAll':
      if (sourceQueueArns !== undefined)
        throw refuse('sourceQueueArns is allowed only when redrivePermission is byQueue.');
      return { redrivePermission };
    case 'byQueue': {
      const arns = Array.isArray(sourceQueueArns) ? sourceQueueArns : [];
      if (arns.length === 0 || arns.length > MOST_SOURCES)
        throw refuse(`sourceQueueArns must have 1 to ${MOST_SOURCES} ARNs.`);
      if (!arns.every((arn) => typeof arn === 'string' && parseArn(arn)?.service === 'sqs'))
        throw refuse('sourceQueueArns must be ARNs of queues.');
      return { redrivePermission, sourceQueueArns: arns };
    }
    default:
      throw refuse('redrivePermission must be allowAll, denyAll or byQueue.');
  }
}

/** May the queue of that ARN send its dead letters to the one that has this policy? */
export function allowsSource(policy: string | undefined, sourceArn: string): boolean {
  if (policy === undefined) return true;
  const { redrivePermission, sourceQueueArns = [] } = parseRedriveAllowPolicy(policy);
  if (redrivePermission === 'byQueue') return sourceQueueArns.includes(sourceArn);
  return redrivePermission === 'allowAll';
}

function parseObject(text: string, refuse: () => Error): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse();
  return value as Record<string, unknown>;
}
