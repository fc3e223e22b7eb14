import type { CheckPlan } from '../../../network/balancing/plan.ts';
import { invalid } from '../errors.ts';
import type { HealthCheck, Listener } from './things.ts';

/** What a target of checks says. */
function readTarget(
  target: string,
): { protocol: CheckPlan['protocol']; port: number; path: string } | undefined {
  const [, protocol = '', digits = '', path = ''] =
    /^(HTTPS?|TCP|SSL):([1-9]\d{0,4})(\/[\x21-\x7e]{0,1023})?$/.exec(target) ?? [];
  const port = Number(digits);
  const http = protocol === 'HTTP' || protocol === 'HTTPS';
  if (port === 0 || port > 65_535 || http === (path === '')) return undefined;
  return { protocol: protocol === 'SSL' ? 'TLS' : (protocol as 'HTTP'), port, path };
}

interface Given {
  Target: string | undefined;
  Interval: number | undefined;
  Timeout: number | undefined;
  UnhealthyThreshold: number | undefined;
  HealthyThreshold: number | undefined;
}

/** @throws ValidationError https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-healthchecks.html */
export function readHealthCheck(given: Given | undefined): HealthCheck {
  const { Target: target = '', Interval: interval = 30, Timeout: timeout = 5 } = given ?? {};
  const { UnhealthyThreshold: unhealthy = 2, HealthyThreshold: healthy = 10 } = given ?? {};
  if (!readTarget(target))
    throw invalid(
      `HealthCheck Target '${target}' must be PROTOCOL:PORT, with a path for HTTP and HTTPS`,
    );
  if (timeout >= interval) throw invalid('HealthCheck timeout must be less than interval');
  return { target, interval, timeout, unhealthy, healthy };
}

/** Of a balancer that nobody has said another one for. */
export const defaultHealthCheck = ([first]: readonly Listener[]): HealthCheck => ({
  target: `TCP:${first?.instancePort ?? 80}`,
  ...{ interval: 30, timeout: 5, unhealthy: 2, healthy: 10 },
});

/** As AWS shows it. */
export const shownCheck = ({ target, interval, timeout, unhealthy, healthy }: HealthCheck) => ({
  ...{ Target: target, Interval: interval, Timeout: timeout },
  ...{ UnhealthyThreshold: unhealthy, HealthyThreshold: healthy },
});

export function checkOf({ target, ...check }: HealthCheck): CheckPlan {
  const { protocol, port, path } = readTarget(target) ?? { protocol: 'TCP', port: 80, path: '' };
  return {
    ...{ enabled: true, protocol, port, path, matcher: '200' },
    ...{ intervalMs: check.interval * 1000, timeoutMs: check.timeout * 1000 },
    ...{ healthyAfter: check.healthy, unhealthyAfter: check.unhealthy },
  };
}
