import type {
  Action,
  RuleCondition,
  TargetGroupTuple,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { unsupported } from '../../../aws/errors.ts';
import { isAddressBlock } from '../../../lib/address-block.ts';
import { ownValue } from '../../../lib/own.ts';
import { invalid, invalidAction } from '../errors.ts';
import { MAX_CONDITION_VALUES, MAX_GROUPS_OF_ACTION, MAX_WILDCARDS } from '../limits.ts';

import { layerOf, type Protocol } from './protocols.ts';

/** What callers may say besides, and nobody here does. */
const UNSERVED: Record<string, string> = {
  'authenticate-oidc': 'actions of the type authenticate-oidc',
  'authenticate-cognito': 'actions of the type authenticate-cognito',
  'jwt-validation': 'actions of the type jwt-validation',
};

/** The actions of a rule as AWS shows them. @throws what is wrong with them */
export function readActions(given: readonly Action[], protocol: Protocol): Action[] {
  const [action, ...more] = given;
  if (!action) throw invalid('At least one action must be specified');
  for (const { Type = '' } of given) {
    const what = ownValue(UNSERVED, Type);
    if (what !== undefined) throw unsupported(what);
  }
  if (more.length > 0)
    throw invalid(
      'You must specify a single routing action, of type forward, redirect, or fixed-response',
    );
  if (layerOf(protocol) === 'TCP' && action.Type !== 'forward')
    throw invalidAction('The action type must be forward for a listener of this protocol');
  return [readAction(action)];
}

function readAction(action: Action): Action {
  const { AuthenticateCognitoConfig, AuthenticateOidcConfig, JwtValidationConfig } = action;
  if (AuthenticateCognitoConfig || AuthenticateOidcConfig || JwtValidationConfig)
    throw unsupported('actions that authenticate');
  if (action.Type === 'redirect')
    return { Type: 'redirect', Order: 1, RedirectConfig: redirect(action) };
  if (action.Type === 'fixed-response') return { ...fixed(action), Order: 1 };
  return forward(action);
}

function redirect({ RedirectConfig: given }: Action) {
  if (!given?.StatusCode) throw invalid('A redirect action must specify a redirect configuration');
  const config = {
    ...{ Protocol: '#{protocol}', Port: '#{port}', Host: '#{host}' },
    ...{ Path: '/#{path}', Query: '#{query}', ...given },
  };
  const same =
    config.Protocol === '#{protocol}' &&
    config.Port === '#{port}' &&
    config.Host === '#{host}' &&
    config.Path === '/#{path}';
  if (same)
    throw invalidAction(
      'The redirect configuration is not valid because it creates a loop: change the protocol, port, host or path',
    );
  if (
    config.Port !== '#{port}' &&
    !(/^\d{1,5}$/.test(config.Port) && Number(config.Port) <= 65_535)
  )
    throw invalid(`Port '${config.Port}' must be a valid port or '#{port}'`);
  if (!config.Path.startsWith('/')) throw invalid("The path of a redirect must start with '/'");
  return config;
}

const CONTENT_TYPES = [
  'text/plain',
  'text/css',
  'text/html',
  'application/javascript',
  'application/json',
];

function fixed({ FixedResponseConfig: given }: Action): Action {
  if (!given?.StatusCode) throw invalid('A fixed-response action must specify a configuration');
  if (given.ContentType !== undefined && !CONTENT_TYPES.includes(given.ContentType))
    throw invalid(`Content type '${given.ContentType}' must be one of ${CONTENT_TYPES.join(', ')}`);
  return { Type: 'fixed-response', FixedResponseConfig: { ...given } };
}

function forward({ TargetGroupArn, ForwardConfig }: Action): Action {
  const groups: TargetGroupTuple[] = ForwardConfig?.TargetGroups ?? [
    ...(TargetGroupArn === undefined ? [] : [{ TargetGroupArn }]),
  ];
  if (groups.length === 0) throw invalid('A target group ARN must be specified');
  if (groups.length > MAX_GROUPS_OF_ACTION)
    throw invalid(`An action may forward to at most '${MAX_GROUPS_OF_ACTION}' target groups`);
  if (TargetGroupArn !== undefined && !groups.some((one) => one.TargetGroupArn === TargetGroupArn))
    throw invalid('The target group ARN must be one of those of the forward configuration');
  const arns = groups.map((one) => one.TargetGroupArn);
  if (new Set(arns).size < arns.length) throw invalid('A target group can be specified only once');
  const { Enabled = false, DurationSeconds } = ForwardConfig?.TargetGroupStickinessConfig ?? {};
  if (Enabled && DurationSeconds === undefined)
    throw invalid('A duration must be specified for target group stickiness');
  const [only] = groups;
  return {
    Type: 'forward',
    Order: 1,
    ...(groups.length === 1 && { TargetGroupArn: only?.TargetGroupArn }),
    ForwardConfig: {
      TargetGroups: groups.map(({ TargetGroupArn: arn, Weight }) => ({
        TargetGroupArn: arn,
        Weight: Weight ?? 1,
      })),
      TargetGroupStickinessConfig: {
        Enabled,
        ...(DurationSeconds !== undefined && { DurationSeconds }),
      },
    },
  };
}

/** Which groups actions forward to. */
export const groupsOf = (actions: readonly Action[]): string[] =>
  actions.flatMap(({ ForwardConfig }) =>
    (ForwardConfig?.TargetGroups ?? []).map(({ TargetGroupArn = '' }) => TargetGroupArn),
  );

const MEMBERS = {
  'host-header': 'HostHeaderConfig',
  'path-pattern': 'PathPatternConfig',
  'http-header': 'HttpHeaderConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'query-string': 'QueryStringConfig',
  'source-ip': 'SourceIpConfig',
} as const;

const ONCE = ['host-header', 'path-pattern', 'http-request-method', 'source-ip'];

/** The conditions of a rule as AWS shows them. @throws what is wrong with them */
export function readConditions(given: readonly RuleCondition[]): RuleCondition[] {
  if (given.length === 0) throw invalid('A condition must be specified');
  const read = given.map(readCondition);
  for (const field of ONCE)
    if (read.filter(({ Field }) => Field === field).length > 1)
      throw invalid(`A rule can have at most one condition with field '${field}'`);
  const texts = read.flatMap(textsOf);
  if (texts.length > MAX_CONDITION_VALUES)
    throw invalid(`A rule can only have '${MAX_CONDITION_VALUES}' condition values`);
  const wildcards = texts.join('').replaceAll(/[^*?]/g, '').length;
  if (wildcards > MAX_WILDCARDS) throw invalid(`A rule can only have '${MAX_WILDCARDS}' wildcards`);
  return read;
}

function readCondition(condition: RuleCondition): RuleCondition {
  const { Field = '' } = condition;
  if (!Object.hasOwn(MEMBERS, Field))
    throw invalid(
      `Condition field '${Field}' must be one of '[${Object.keys(MEMBERS).join(', ')}]'`,
    );
  if (
    condition.RegexValues ||
    condition.HostHeaderConfig?.RegexValues ||
    condition.PathPatternConfig?.RegexValues
  )
    throw unsupported('regular expressions in conditions of rules');
  const member = MEMBERS[Field as keyof typeof MEMBERS];
  const config = condition[member] as { Values?: unknown[] } | undefined;
  const plain = Field === 'host-header' || Field === 'path-pattern';
  if (config && condition.Values?.length)
    throw invalid(`You can specify either Values or ${member}, not both`);
  const values = config?.Values ?? (plain ? condition.Values : undefined);
  if (!values || values.length === 0)
    throw invalid(`A condition value must be specified for field '${Field}'`);
  const read = {
    Field,
    ...(plain && { Values: values as string[] }),
    [member]: { ...config, Values: values },
  };
  check(read);
  return read;
}

function check(condition: RuleCondition): void {
  const { Field } = condition;
  for (const text of textsOf(condition)) {
    if (text.length > 128) throw invalid(`A value of '${Field}' can be at most 128 characters`);
    if (Field === 'source-ip' && !(text.includes('/') && isAddressBlock(text)))
      throw invalid(`The IP address '${text}' is not a valid CIDR block`);
    if (Field === 'http-request-method' && !/^[-_A-Z]{1,40}$/.test(text))
      throw invalid(`The HTTP request method '${text}' is not valid`);
  }
  const { HttpHeaderName: name } = condition.HttpHeaderConfig ?? {};
  if (Field === 'http-header' && !/^[-!#$%&'*+.^_`|~0-9A-Za-z]{1,40}$/.test(name ?? ''))
    throw invalid(`The HTTP header name '${name ?? ''}' is not valid`);
}

const textsOf = (condition: RuleCondition): string[] => {
  const member = MEMBERS[condition.Field as keyof typeof MEMBERS];
  const { Values = [] } = (condition[member] ?? {}) as { Values?: (string | { Value?: string })[] };
  return Values.map((one) => (typeof one === 'string' ? one : (one.Value ?? '')));
};
