import type { Action as AwsAction, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ServerCertificate } from '../../../kit/certificates.ts';
import {
  DEFAULT_SSL_POLICY,
  findSslPolicy,
  tlsRulesOf,
} from '../../../kit/load-balancing/ssl-policies.ts';
import { UNCHECKED } from '../../../network/balancing/health.ts';
import type {
  Action,
  BalancerPlan,
  Condition,
  GroupPlan,
  ListenerPlan,
} from '../../../network/balancing/plan.ts';
import {
  answerHeadersOf,
  attribute,
  BALANCER_ATTRIBUTES,
  GROUP_ATTRIBUTES,
  LISTENER_ATTRIBUTES,
} from './attributes.ts';
import { isSecure, layerOf } from './protocols.ts';
import {
  type Listener,
  type LoadBalancer,
  type Rule,
  type Target,
  type TargetGroup,
  targetName,
} from './things.ts';

/** All that a balancer's listeners have to know. */
export interface Snapshot {
  balancer: LoadBalancer;
  listeners: Listener[];
  rules: Rule[];
  groups: TargetGroup[];
  targets: Target[];
  /** Those that there are of the listeners', by their ARNs. */
  certificates: Map<string, ServerCertificate>;
}

export function planOf(snapshot: Snapshot): BalancerPlan {
  const { balancer, listeners, rules, groups, targets, certificates } = snapshot;
  const of = (key: string) =>
    attribute(BALANCER_ATTRIBUTES[balancer.type], balancer.attributes, key);
  return {
    address: balancer.address,
    name: balancer.dnsName.toLowerCase(),
    idleMs: Number(of('idle_timeout.timeout_seconds') || 350) * 1000,
    keepAliveMs: Number(of('client_keep_alive.seconds') || 3600) * 1000,
    forwardedFor: (of('routing.http.xff_header_processing.mode') ||
      'append') as BalancerPlan['forwardedFor'],
    dropInvalidHeaders: of('routing.http.drop_invalid_header_fields.enabled') === 'true',
    listeners: listeners.map(({ arn, ...listener }) => ({
      ...listenerOf(arn, listener, certificates),
      rules: rules
        .filter(({ listenerArn }) => listenerArn === arn)
        .sort((a, b) => a.priority - b.priority)
        .map(({ conditions, actions }) => ({
          conditions: conditions.map(conditionOf),
          action: actionOf(actions),
        })),
    })),
    groups: groups.map((group) =>
      groupOf(
        group,
        targets.filter(({ groupArn }) => groupArn === group.arn),
      ),
    ),
  };
}

function listenerOf(
  id: string,
  { protocol, port, attributes, ...listener }: Omit<Listener, 'arn'>,
  known: Snapshot['certificates'],
): Omit<ListenerPlan, 'rules'> {
  const of = (key: string) => attribute(LISTENER_ATTRIBUTES[protocol], attributes, key);
  const policy = findSslPolicy(listener.sslPolicy ?? DEFAULT_SSL_POLICY);
  const certificates = listener.certificates.flatMap((arn) => known.get(arn) ?? []);
  return {
    ...{ id, protocol, port },
    ...(isSecure(protocol) && policy && { tls: { ...tlsRulesOf(policy), certificates } }),
    ...(protocol === 'TCP' && { idleMs: Number(of('tcp.idle_timeout.seconds')) * 1000 }),
    ...(layerOf(protocol) === 'HTTP' && {
      answerHeaders: answerHeadersOf(attributes),
      hidesServer: of('routing.http.response.server.enabled') === 'false',
    }),
  };
}

function groupOf(group: TargetGroup, targets: Target[]): GroupPlan {
  const { protocol, health } = group;
  const of = (key: string) => attribute(GROUP_ATTRIBUTES[layerOf(protocol)], group.attributes, key);
  const layer = layerOf(protocol);
  const sticky = of('stickiness.enabled') === 'true';
  return {
    id: group.arn,
    targets: targets.map((target) => ({
      ...{ id: targetName(target), address: target.address, port: target.port, ours: target.ours },
      health: health.enabled ? target.health : UNCHECKED,
      ...(target.drainsUntil !== undefined && { drainsUntil: target.drainsUntil }),
    })),
    algorithm: (of('load_balancing.algorithm.type') || 'round_robin') as GroupPlan['algorithm'],
    ...(layer === 'HTTP' && sticky && { sticky: stickyOf(of) }),
    ...(layer === 'HTTP' && { slowStartMs: Number(of('slow_start.duration_seconds')) * 1000 }),
    ...(layer === 'TCP' && sticky && { bySource: true }),
    ...(isSecure(protocol) && { secure: true }),
    // An application load balancer breaks off what is left when the delay is over.
    endsConnections:
      layer === 'HTTP' || of('deregistration_delay.connection_termination.enabled') === 'true',
    check: {
      ...{ enabled: health.enabled, protocol: health.protocol, path: health.path ?? '/' },
      ...(health.port !== 'traffic-port' && { port: Number(health.port) }),
      ...{ intervalMs: health.interval * 1000, timeoutMs: health.timeout * 1000 },
      ...{ healthyAfter: health.healthy, unhealthyAfter: health.unhealthy },
      matcher: health.matcher ?? '200-399',
    },
  };
}

/** By the balancer's own cookie, or by one of the application's. */
function stickyOf(of: (key: string) => string): NonNullable<GroupPlan['sticky']> {
  if (of('stickiness.type') === 'app_cookie')
    return {
      ...{ cookie: 'AWSALBAPP-0', follows: of('stickiness.app_cookie.cookie_name') },
      seconds: Number(of('stickiness.app_cookie.duration_seconds')),
    };
  const seconds = Number(of('stickiness.lb_cookie.duration_seconds'));
  return { cookie: 'AWSALB', seconds, crossSite: true };
}

/** The last action is the one that answers; what may stand before it is not served. */
export function actionOf(actions: readonly AwsAction[]): Action {
  const action = actions.at(-1);
  if (action?.Type === 'redirect') {
    const { Protocol, Host, Port, Path, Query, StatusCode } = action.RedirectConfig ?? {};
    return {
      kind: 'redirect',
      status: StatusCode === 'HTTP_301' ? 301 : 302,
      ...{ protocol: Protocol ?? '#{protocol}', host: Host ?? '#{host}', port: Port ?? '#{port}' },
      ...{ path: Path ?? '/#{path}', query: Query ?? '#{query}' },
    };
  }
  if (action?.Type === 'fixed-response') {
    const { StatusCode, ContentType, MessageBody = '' } = action.FixedResponseConfig ?? {};
    return {
      ...{ kind: 'fixed', status: Number(StatusCode), body: MessageBody },
      contentType: ContentType ?? (MessageBody === '' ? undefined : 'text/plain'),
    };
  }
  const { TargetGroups, TargetGroupStickinessConfig } = action?.ForwardConfig ?? {};
  const groups = TargetGroups ?? [{ TargetGroupArn: action?.TargetGroupArn }];
  return {
    kind: 'forward',
    groups: groups.map(({ TargetGroupArn = '', Weight }) => ({
      id: TargetGroupArn,
      weight: Weight ?? 1,
    })),
    ...(TargetGroupStickinessConfig?.Enabled && {
      stickySeconds: TargetGroupStickinessConfig.DurationSeconds ?? 3600,
    }),
  };
}

export function conditionOf(condition: RuleCondition): Condition {
  const { Field, Values = [] } = condition;
  switch (Field) {
    case 'host-header':
      return { kind: 'host', values: condition.HostHeaderConfig?.Values ?? Values };
    case 'path-pattern':
      return { kind: 'path', values: condition.PathPatternConfig?.Values ?? Values };
    case 'http-request-method':
      return { kind: 'method', values: condition.HttpRequestMethodConfig?.Values ?? Values };
    case 'http-header': {
      const { HttpHeaderName = '', Values: values = [] } = condition.HttpHeaderConfig ?? {};
      return { kind: 'header', name: HttpHeaderName, values };
    }
    case 'source-ip':
      return { kind: 'source', blocks: condition.SourceIpConfig?.Values ?? Values };
    default:
      return {
        kind: 'query',
        values: (condition.QueryStringConfig?.Values ?? []).map(({ Key, Value = '' }) => ({
          ...(Key !== undefined && { key: Key }),
          value: Value,
        })),
      };
  }
}
