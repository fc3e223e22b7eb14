import type { Action as AwsAction, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import type {
  Action,
  BalancerPlan,
  Condition,
  GroupPlan,
} from '../../../network/balancing/plan.ts';
import { attribute, BALANCER_ATTRIBUTES, GROUP_ATTRIBUTES } from './attributes.ts';
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
}

export function planOf({ balancer, listeners, rules, groups, targets }: Snapshot): BalancerPlan {
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
    listeners: listeners.map(({ arn, protocol, port }) => ({
      ...{ id: arn, protocol, port },
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

function groupOf(group: TargetGroup, targets: Target[]): GroupPlan {
  const { protocol, health } = group;
  const of = (key: string) => attribute(GROUP_ATTRIBUTES[protocol], group.attributes, key);
  const sticky = of('stickiness.enabled') === 'true';
  return {
    id: group.arn,
    targets: targets.map((target) => ({
      ...{ id: targetName(target), address: target.address, port: target.port, ours: target.ours },
      health: health.enabled ? target.health : { state: 'unavailable', count: 0 },
      ...(target.drainsUntil !== undefined && { drainsUntil: target.drainsUntil }),
    })),
    algorithm: (of('load_balancing.algorithm.type') || 'round_robin') as GroupPlan['algorithm'],
    ...(protocol === 'HTTP' &&
      sticky && { stickySeconds: Number(of('stickiness.lb_cookie.duration_seconds')) }),
    ...(protocol === 'TCP' && sticky && { bySource: true }),
    // An application load balancer breaks off what is left when the delay is over.
    endsConnections:
      protocol === 'HTTP' || of('deregistration_delay.connection_termination.enabled') === 'true',
    check: {
      ...{ enabled: health.enabled, protocol: health.protocol, path: health.path ?? '/' },
      ...(health.port !== 'traffic-port' && { port: Number(health.port) }),
      ...{ intervalMs: health.interval * 1000, timeoutMs: health.timeout * 1000 },
      ...{ healthyAfter: health.healthy, unhealthyAfter: health.unhealthy },
      matcher: health.matcher ?? '200-399',
    },
  };
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
