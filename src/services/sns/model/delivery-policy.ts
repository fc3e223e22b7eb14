import { invalid } from '../errors.ts';

/** How often, and after how many seconds, a delivery to HTTP is tried again. */
export interface RetryPolicy {
  minDelayTarget: number;
  maxDelayTarget: number;
  numRetries: number;
  numMaxDelayRetries: number;
  numNoDelayRetries: number;
  numMinDelayRetries: number;
  backoffFunction: 'linear' | 'arithmetic' | 'geometric' | 'exponential';
}

/** How a subscription's deliveries go. */
export interface DeliveryPolicy {
  retries: RetryPolicy;
  maxReceivesPerSecond?: number;
  contentType?: string;
}

/** https://docs.aws.amazon.com/sns/latest/dg/creating-delivery-policy.html */
export const DEFAULT_RETRIES: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
};

const LONGEST_DELAY = 3600;
const MOST_RETRIES = 100;
const BACKOFFS = ['linear', 'arithmetic', 'geometric', 'exponential'];
/** https://docs.aws.amazon.com/sns/latest/dg/creating-delivery-policy.html#sns-custom-content-type */
const CONTENT_TYPES = new Set([
  ...['text/css', 'text/csv', 'text/html', 'text/plain', 'text/xml'],
  ...['application/atom+xml', 'application/json', 'application/octet-stream'],
  ...['application/soap+xml', 'application/x-www-form-urlencoded', 'application/xhtml+xml'],
  'application/xml',
]);

const bad = (why: string) => invalid(`DeliveryPolicy: ${why}`);

type Json = Record<string, unknown>;

function readJson(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad('failed to parse JSON.');
  }
  return objectOf(value, 'The policy');
}

function objectOf(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad(`${what} must be a JSON object`);
  return value as Json;
}

function onlyOf(value: Json, what: string, ...allowed: string[]): void {
  const other = Object.keys(value).find((key) => !allowed.includes(key));
  if (other !== undefined) throw bad(`${what}.${other} is not a known field`);
}

function wholeNumber(value: unknown, what: string, least: number, most: number): number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
    throw bad(`${what} must be a whole number from ${least} to ${most}`);
  return value as number;
}

function readRetries(value: unknown, what: string): RetryPolicy {
  const given = objectOf(value, what);
  onlyOf(given, what, ...Object.keys(DEFAULT_RETRIES));
  const policy = { ...DEFAULT_RETRIES, ...given } as RetryPolicy;
  const { minDelayTarget, maxDelayTarget, numRetries, backoffFunction } = policy;
  wholeNumber(minDelayTarget, `${what}.minDelayTarget`, 1, LONGEST_DELAY);
  wholeNumber(maxDelayTarget, `${what}.maxDelayTarget`, minDelayTarget, LONGEST_DELAY);
  wholeNumber(numRetries, `${what}.numRetries`, 0, MOST_RETRIES);
  const phases = ['numNoDelayRetries', 'numMinDelayRetries', 'numMaxDelayRetries'] as const;
  for (const name of phases) wholeNumber(policy[name], `${what}.${name}`, 0, numRetries);
  if (phases.reduce((sum, name) => sum + policy[name], 0) > numRetries)
    throw bad(`${what}.numRetries must be at least the sum of the retries of its phases`);
  if (!BACKOFFS.includes(backoffFunction))
    throw bad(`${what}.backoffFunction must be one of ${BACKOFFS.join(', ')}`);
  const total = Array.from({ length: numRetries }, (_, n) => retryDelay(policy, n) ?? 0);
  if (total.reduce((sum, delay) => sum + delay, 0) > LONGEST_DELAY * 1000)
    throw bad(`${what}: the retries must take no longer than ${LONGEST_DELAY} seconds`);
  return policy;
}

interface Parts {
  retries?: RetryPolicy;
  maxReceivesPerSecond?: number;
  contentType?: string;
}

/** What topics and subscriptions both say, under names that begin with `default` or not. */
function readParts(value: Json, what: string, nameOf: (part: string) => string): Parts {
  const [retry, throttle, request] = ['healthyRetryPolicy', 'throttlePolicy', 'requestPolicy'].map(
    nameOf,
  ) as [string, string, string];
  const parts: Parts = {};
  // Consoles write what is not set as null.
  if (value[retry] != null) parts.retries = readRetries(value[retry], `${what}.${retry}`);
  if (value[throttle] != null) {
    const given = objectOf(value[throttle], `${what}.${throttle}`);
    onlyOf(given, throttle, 'maxReceivesPerSecond');
    if (given.maxReceivesPerSecond != null)
      parts.maxReceivesPerSecond = wholeNumber(
        given.maxReceivesPerSecond,
        `${throttle}.maxReceivesPerSecond`,
        1,
        100_000,
      );
  }
  if (value[request] != null) {
    const given = objectOf(value[request], `${what}.${request}`);
    onlyOf(given, request, 'headerContentType');
    const type = String(given.headerContentType);
    if (!CONTENT_TYPES.has(type.replace(/; ?charset=[A-Za-z0-9-]{1,20}$/i, '')))
      throw bad(`${request}.headerContentType is not a supported content type`);
    parts.contentType = type;
  }
  return parts;
}

const ofTopic = (part: string) => `default${part.charAt(0).toUpperCase()}${part.slice(1)}`;

/** A topic's: `{"http": {…}}`. @throws InvalidParameterException */
export function readTopicPolicy(text: string): Parts & { overrides: boolean } {
  const policy = readJson(text);
  onlyOf(policy, 'policy', 'http');
  const http = objectOf(policy.http ?? {}, 'http');
  onlyOf(
    http,
    'http',
    'defaultHealthyRetryPolicy',
    'defaultThrottlePolicy',
    'defaultRequestPolicy',
    'disableSubscriptionOverrides',
  );
  const { disableSubscriptionOverrides: disabled = false } = http;
  if (typeof disabled !== 'boolean')
    throw bad('http.disableSubscriptionOverrides must be true or false');
  return { ...readParts(http, 'http', ofTopic), overrides: !disabled };
}

/** A subscription's. @throws InvalidParameterException */
export function readSubscriptionPolicy(text: string): Parts {
  const policy = readJson(text);
  onlyOf(
    policy,
    'policy',
    'healthyRetryPolicy',
    'throttlePolicy',
    'requestPolicy',
    'sicklyRetryPolicy',
    'guaranteed',
  );
  if (policy.sicklyRetryPolicy != null) throw bad('sicklyRetryPolicy is not supported');
  if (policy.guaranteed != null && policy.guaranteed !== false)
    throw bad('guaranteed must be false');
  return readParts(policy, 'policy', (part) => part);
}

/** What holds for a subscription, of what it says and its topic does. */
export function policyOf(
  topic: string | undefined,
  subscription: string | undefined,
): DeliveryPolicy {
  const { overrides = true, ...general } = topic ? readTopicPolicy(topic) : {};
  const own = overrides && subscription ? readSubscriptionPolicy(subscription) : {};
  return { retries: DEFAULT_RETRIES, ...general, ...own };
}

/** A topic's as GetTopicAttributes shows it, with AWS's defaults. */
export function effectivePolicy(topic: string | undefined): object {
  const read: Partial<ReturnType<typeof readTopicPolicy>> = topic ? readTopicPolicy(topic) : {};
  const { retries = DEFAULT_RETRIES, overrides = true, ...more } = read;
  return {
    http: {
      defaultHealthyRetryPolicy: retries,
      disableSubscriptionOverrides: !overrides,
      ...(more.maxReceivesPerSecond !== undefined && {
        defaultThrottlePolicy: { maxReceivesPerSecond: more.maxReceivesPerSecond },
      }),
      defaultRequestPolicy: { headerContentType: more.contentType ?? 'text/plain; charset=UTF-8' },
    },
  };
}

/** A subscription's, likewise. */
export function effectiveSubscriptionPolicy({
  retries,
  maxReceivesPerSecond,
  contentType,
}: DeliveryPolicy): object {
  return {
    healthyRetryPolicy: retries,
    ...(maxReceivesPerSecond !== undefined && { throttlePolicy: { maxReceivesPerSecond } }),
    requestPolicy: { headerContentType: contentType ?? 'text/plain; charset=UTF-8' },
  };
}

/** How long to wait before retry `n`, from 0, in milliseconds; undefined where there is none any more. */
export function retryDelay(policy: RetryPolicy, n: number): number | undefined {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  if (n >= numRetries) return undefined;
  if (n < numNoDelayRetries) return 0;
  const first = numNoDelayRetries + numMinDelayRetries;
  if (n < first) return policy.minDelayTarget * 1000;
  const steps = numRetries - first - numMaxDelayRetries;
  const step = n - first;
  return (step < steps ? backoff(policy, step, steps) : policy.maxDelayTarget) * 1000;
}

/** From the shortest delay to the longest one, in as many steps: each function rises later than the one before it. */
function backoff(
  { minDelayTarget: min, maxDelayTarget: max, backoffFunction }: RetryPolicy,
  step: number,
  steps: number,
): number {
  const done = steps === 1 ? 0 : step / (steps - 1);
  if (backoffFunction === 'geometric') return min * (max / min) ** done;
  if (backoffFunction === 'arithmetic') return min + (max - min) * done ** 2;
  if (backoffFunction === 'exponential')
    return min + ((max - min) * (2 ** step - 1)) / (2 ** (steps - 1) - 1 || 1);
  return min + (max - min) * done;
}

/** Of AWS's own endpoints: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html */
const SERVICE_RETRIES = {
  immediate: 3,
  short: 2,
  shortMs: 1000,
  rising: 10,
  longestMs: 20_000,
  more: 100_000,
};
const MAIL_RETRIES = {
  immediate: 0,
  short: 2,
  shortMs: 10_000,
  rising: 10,
  longestMs: 600_000,
  more: 38,
};

const phased =
  (phases: typeof SERVICE_RETRIES) =>
  (n: number): number | undefined => {
    const { immediate, short, shortMs, rising, longestMs, more } = phases;
    if (n < immediate) return 0;
    if (n < immediate + short) return shortMs;
    const step = n - immediate - short;
    if (step < rising) return Math.round(shortMs * (longestMs / shortMs) ** (step / (rising - 1)));
    return step < rising + more ? longestMs : undefined;
  };

/** The same as `retryDelay`, for queues and for mail. */
export const serviceRetryDelay = phased(SERVICE_RETRIES);
export const mailRetryDelay = phased(MAIL_RETRIES);
