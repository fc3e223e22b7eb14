import { unsupported } from '../../../aws/errors.ts';
import { isMatcher } from '../../../network/balancing/health.ts';
import { configuration, invalid } from '../errors.ts';
import { layerOf, type Protocol } from './protocols.ts';
import type { HealthSettings } from './things.ts';

export interface GivenHealth {
  HealthCheckProtocol?: string | undefined;
  HealthCheckPort?: string | undefined;
  HealthCheckEnabled?: boolean | undefined;
  HealthCheckPath?: string | undefined;
  HealthCheckIntervalSeconds?: number | undefined;
  HealthCheckTimeoutSeconds?: number | undefined;
  HealthyThresholdCount?: number | undefined;
  UnhealthyThresholdCount?: number | undefined;
  Matcher?: { HttpCode?: string | undefined; GrpcCode?: string | undefined } | undefined;
}

/**
 * The health checks of a group: what was given, what it had, AWS's defaults.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
 */
export function readHealth(
  of: Protocol,
  given: GivenHealth,
  before?: HealthSettings,
): HealthSettings {
  const group = layerOf(of);
  const own = of === 'TLS' ? 'TCP' : of;
  const protocol = given.HealthCheckProtocol ?? before?.protocol ?? own;
  if (protocol !== 'HTTP' && protocol !== 'HTTPS' && protocol !== 'TCP')
    throw unsupported(`health checks by ${protocol}`);
  if (group === 'HTTP' && protocol === 'TCP')
    throw configuration(
      'Health check protocol TCP is not supported for target groups with protocol HTTP or HTTPS',
    );
  const http = protocol !== 'TCP';
  if (!http && (given.HealthCheckPath !== undefined || given.Matcher !== undefined))
    throw configuration('A health check path and a matcher go with HTTP health checks alone');
  if (given.Matcher?.GrpcCode !== undefined) throw unsupported('GrpcCode of matchers');
  const settings: HealthSettings = {
    enabled: given.HealthCheckEnabled ?? before?.enabled ?? true,
    protocol,
    port: given.HealthCheckPort ?? before?.port ?? 'traffic-port',
    path: http ? (given.HealthCheckPath ?? before?.path ?? '/') : undefined,
    interval: given.HealthCheckIntervalSeconds ?? before?.interval ?? 30,
    timeout: given.HealthCheckTimeoutSeconds ?? before?.timeout ?? defaultTimeout(group, http),
    healthy: given.HealthyThresholdCount ?? before?.healthy ?? 5,
    unhealthy: given.UnhealthyThresholdCount ?? before?.unhealthy ?? 2,
    matcher: http
      ? (given.Matcher?.HttpCode ?? before?.matcher ?? (group === 'HTTP' ? '200' : '200-399'))
      : undefined,
  };
  check(group, settings);
  return settings;
}

const defaultTimeout = (group: 'HTTP' | 'TCP', http: boolean) =>
  group === 'HTTP' ? 5 : http ? 6 : 10;

function check(group: 'HTTP' | 'TCP', settings: HealthSettings): void {
  const { port, path, interval, timeout, matcher } = settings;
  if (
    port !== 'traffic-port' &&
    !(/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) <= 65_535)
  )
    throw invalid(
      `Health check port '${port}' must be 'traffic-port' or a number between 1 and 65535`,
    );
  // Of what is sent to targets it is a part: nothing but an address.
  if (path !== undefined && !/^\/[\x21-\x7e]{0,1023}$/.test(path))
    throw invalid(`Health check path '${path}' must begin with a '/' and hold no spaces`);
  if (timeout >= interval)
    throw invalid(
      `Health check timeout '${timeout}' must be smaller than the interval '${interval}'`,
    );
  const [lowest, highest] = group === 'HTTP' ? [200, 499] : [200, 599];
  if (matcher !== undefined && !isMatcher(matcher, lowest, highest))
    throw invalid(
      `Health check matcher HTTP code '${matcher}' must be within '${lowest}-${highest}'`,
    );
}
