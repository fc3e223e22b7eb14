import type {
  DeploymentConfigInfo,
  MinimumHealthyHosts,
  ZonalConfig,
} from '@aws-sdk/client-codedeploy';

/** Names that start so are AWS's own. */
export const PREDEFINED_PREFIX = 'CodeDeployDefault.';

const server = (name: string, minimumHealthyHosts: MinimumHealthyHosts): DeploymentConfigInfo => ({
  deploymentConfigName: `${PREDEFINED_PREFIX}${name}`,
  computePlatform: 'Server',
  minimumHealthyHosts,
});

const shift = (
  computePlatform: 'Lambda' | 'ECS',
  name: string,
  trafficRoutingConfig: DeploymentConfigInfo['trafficRoutingConfig'],
): DeploymentConfigInfo => ({
  deploymentConfigName: `${PREDEFINED_PREFIX}${name}`,
  computePlatform,
  trafficRoutingConfig,
});

const canary = (canaryInterval: number) =>
  ({
    type: 'TimeBasedCanary',
    timeBasedCanary: { canaryPercentage: 10, canaryInterval },
  }) as const;
const linear = (linearInterval: number) =>
  ({
    type: 'TimeBasedLinear',
    timeBasedLinear: { linearPercentage: 10, linearInterval },
  }) as const;
const allAtOnce = { type: 'AllAtOnce' } as const;

/** The 17 configurations that every account has (CD-CFG-01, 03, 04). */
export const PREDEFINED: DeploymentConfigInfo[] = [
  server('AllAtOnce', { type: 'HOST_COUNT', value: 0 }),
  server('HalfAtATime', { type: 'FLEET_PERCENT', value: 50 }),
  // GetDeploymentConfig reports a type that the model does not have and nobody can set.
  server('OneAtATime', { type: 'MOST_CONCURRENCY' as MinimumHealthyHosts['type'], value: 1 }),
  shift('Lambda', 'LambdaCanary10Percent5Minutes', canary(5)),
  shift('Lambda', 'LambdaCanary10Percent10Minutes', canary(10)),
  shift('Lambda', 'LambdaCanary10Percent15Minutes', canary(15)),
  shift('Lambda', 'LambdaCanary10Percent30Minutes', canary(30)),
  shift('Lambda', 'LambdaLinear10PercentEvery1Minute', linear(1)),
  shift('Lambda', 'LambdaLinear10PercentEvery2Minutes', linear(2)),
  shift('Lambda', 'LambdaLinear10PercentEvery3Minutes', linear(3)),
  shift('Lambda', 'LambdaLinear10PercentEvery10Minutes', linear(10)),
  shift('Lambda', 'LambdaAllAtOnce', allAtOnce),
  shift('ECS', 'ECSLinear10PercentEvery1Minutes', linear(1)),
  shift('ECS', 'ECSLinear10PercentEvery3Minutes', linear(3)),
  shift('ECS', 'ECSCanary10Percent5Minutes', canary(5)),
  shift('ECS', 'ECSCanary10Percent15Minutes', canary(15)),
  shift('ECS', 'ECSAllAtOnce', allAtOnce),
];

/** The configuration of that name that every account has. */
export function predefinedConfig(name: string): DeploymentConfigInfo | undefined {
  return PREDEFINED.find((config) => config.deploymentConfigName === name);
}

/** What a group uses that names no configuration (CD-DGF-06). */
export function defaultConfigName(computePlatform: string): string {
  if (computePlatform === 'Lambda') return `${PREDEFINED_PREFIX}LambdaAllAtOnce`;
  if (computePlatform === 'ECS') return `${PREDEFINED_PREFIX}ECSAllAtOnce`;
  return `${PREDEFINED_PREFIX}OneAtATime`;
}

/** May a custom configuration ask for this? HOST_COUNT from 0, FLEET_PERCENT 0 to 99 (CD-CFG-05). */
export function isValidMinimum(minimum: MinimumHealthyHosts | undefined): boolean {
  const { type, value } = minimum ?? {};
  if (value === undefined || !Number.isInteger(value) || value < 0) return false;
  return type === 'HOST_COUNT' || (type === 'FLEET_PERCENT' && value <= 99);
}

const LONGEST_MONITORED_SECONDS = 7 * 24 * 3600;

/** May a custom configuration go by zones so (CD-CFG-07)? */
export function isValidZonal(zonal: ZonalConfig): boolean {
  const { minimumHealthyHostsPerZone: minimum, ...durations } = zonal;
  const times = [durations.monitorDurationInSeconds, durations.firstZoneMonitorDurationInSeconds];
  const isTime = (time = 0) =>
    Number.isInteger(time) && time >= 0 && time <= LONGEST_MONITORED_SECONDS;
  if (!times.every(isTime)) return false;
  if (!minimum) return true;
  const { type, value } = minimum;
  if (value === undefined || !Number.isInteger(value) || value < 0) return false;
  return type === 'HOST_COUNT' || (type === 'FLEET_PERCENT' && value <= 100);
}

const LONGEST_SHIFT_MINUTES = 2880;

/** May a custom Lambda or ECS configuration route traffic so (CD-CFG-06)? */
export function isValidRouting(routing: DeploymentConfigInfo['trafficRoutingConfig']): boolean {
  if (!routing) return false;
  const { type, timeBasedCanary, timeBasedLinear } = routing;
  if (type === 'AllAtOnce') return !timeBasedCanary && !timeBasedLinear;
  if (type === 'TimeBasedCanary') {
    if (timeBasedLinear) return false;
    return isStep(timeBasedCanary?.canaryPercentage, timeBasedCanary?.canaryInterval, 1);
  }
  if (type !== 'TimeBasedLinear' || timeBasedCanary) return false;
  const percentage = timeBasedLinear?.linearPercentage ?? 0;
  // The first shift is made at once, so one interval fewer than there are shifts.
  const intervals = Math.ceil(100 / Math.max(1, percentage)) - 1;
  return isStep(percentage, timeBasedLinear?.linearInterval, intervals);
}

function isStep(percentage = 0, interval = 0, intervals: number): boolean {
  if (!Number.isInteger(percentage) || percentage < 1 || percentage > 99) return false;
  return (
    Number.isInteger(interval) && interval >= 1 && interval * intervals <= LONGEST_SHIFT_MINUTES
  );
}
