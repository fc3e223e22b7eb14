import type {
  Fleet,
  FleetProxyRule,
  ProxyConfiguration,
  ScalingConfigurationOutput,
  UpdateFleetInput,
} from '@aws-sdk/client-codebuild';
import { unsupported } from '../../../aws/errors.ts';
import { isAddressBlock } from '../../../lib/address-block.ts';
import { ownValue } from '../../../lib/own.ts';
import { COMPUTE } from '../limits.ts';
import { ENVIRONMENT_TYPES } from './environment-rules.ts';
import { checkVpc, hasVpc } from './places.ts';
import { checkServiceRole, checkTags } from './project-rules.ts';
import { RuleError } from './rule-error.ts';

const LABEL = /^[A-Za-z0-9_-]{1,63}$/;
/** A name, or all below one: `*.example.com`, `.example.com`. */
const isDomain = (text: string): boolean =>
  text
    .replace(/^\*?\./, '')
    .split('.')
    .every((label) => LABEL.test(label));

/** A partial update: what is absent stays, and what has nothing in it takes off what was there. */
export function mergedFleet(fleet: Fleet, { arn: _, ...changes }: UpdateFleetInput): Fleet {
  const present = Object.entries(changes).filter(([, value]) => value !== undefined);
  const { vpcConfig, scalingConfiguration, proxyConfiguration, computeConfiguration, ...rest } = {
    ...fleet,
    ...Object.fromEntries(present),
  } as Fleet;
  return {
    ...rest,
    ...(hasVpc(vpcConfig) && { vpcConfig }),
    ...(says(scalingConfiguration) && { scalingConfiguration }),
    ...(says(proxyConfiguration) && { proxyConfiguration }),
    ...(says(computeConfiguration) && { computeConfiguration }),
  };
}

const says = (structure: object | undefined): boolean =>
  Object.values(structure ?? {}).some((value) => value !== undefined);

/** Checks a whole fleet (CB-J8). @throws RuleError, or a refusal of what there is not here */
export function checkFleet(fleet: Fleet, accountId: string): void {
  const { environmentType = '', baseCapacity = 0, imageId, fleetServiceRole } = fleet;
  if (baseCapacity < 1) throw new RuleError('Invalid fleet base capacity: it must be 1 at least');
  if (!ENVIRONMENT_TYPES.includes(environmentType))
    throw unsupported(`the environment type ${environmentType}`);
  checkCompute(fleet);
  checkScaling(fleet.scalingConfiguration, baseCapacity);
  checkVpc(fleet.vpcConfig);
  checkProxy(fleet.proxyConfiguration);
  if (imageId !== undefined) throw unsupported('imageId');
  if (fleetServiceRole !== undefined) checkServiceRole(fleetServiceRole, accountId);
  checkTags(fleet.tags);
}

/** What a machine of it has must be what a build can be given. */
function checkCompute({ computeType, computeConfiguration = {} }: Fleet): void {
  const { vCpu, memory, disk, machineType, instanceType } = computeConfiguration;
  if (computeType !== 'ATTRIBUTE_BASED_COMPUTE') {
    if (ownValue(COMPUTE, computeType ?? '') === undefined)
      throw unsupported(`the compute type ${computeType}`);
    if (says(computeConfiguration))
      throw new RuleError(
        `Invalid compute configuration: it is not for the compute type ${computeType}`,
      );
    return;
  }
  if (disk !== undefined) throw unsupported('computeConfiguration.disk');
  if (machineType !== undefined && machineType !== 'GENERAL')
    throw unsupported(`computeConfiguration.machineType ${machineType}`);
  if (instanceType !== undefined)
    throw new RuleError(
      'Invalid compute configuration: instanceType is for the compute type CUSTOM_INSTANCE_TYPE',
    );
  if (vCpu === undefined && memory === undefined)
    throw new RuleError('Invalid compute configuration: it needs vCpu, memory or both');
  for (const [name, value] of Object.entries({ vCpu, memory }))
    if (value !== undefined && (value < 1 || value > MOST_OF_A_MACHINE))
      throw new RuleError(
        `Invalid compute configuration: ${name} must be from 1 to ${MOST_OF_A_MACHINE}`,
      );
}

/** Processors, or GiB of memory: more than any machine has. */
const MOST_OF_A_MACHINE = 24_576;

function checkScaling(scaling: ScalingConfigurationOutput | undefined, base: number): void {
  if (!scaling) return;
  const wrong = (what: string) => new RuleError(`Invalid scaling configuration: ${what}`);
  const { scalingType, targetTrackingScalingConfigs = [], maxCapacity } = scaling;
  if (scalingType === undefined) throw wrong('scalingType is required');
  if (maxCapacity === undefined) throw wrong('maxCapacity is required');
  if (maxCapacity < base) throw wrong('maxCapacity must be no less than baseCapacity');
  if (targetTrackingScalingConfigs.length !== 1)
    throw wrong('it must have one target tracking configuration');
  const [{ metricType, targetValue } = {}] = targetTrackingScalingConfigs;
  if (metricType === undefined) throw wrong('metricType is required');
  if (targetValue === undefined || !(targetValue > 0 && targetValue <= 100))
    throw wrong('targetValue must be more than 0, and 100 at most');
}

/** Nothing here stands between a build and what it connects to: only what keeps nothing back is taken. */
function checkProxy(proxy: ProxyConfiguration | undefined): void {
  if (!proxy) return;
  const { defaultBehavior = 'ALLOW_ALL', orderedProxyRules = [] } = proxy;
  for (const rule of orderedProxyRules) checkProxyRule(rule);
  if (defaultBehavior === 'DENY_ALL')
    throw unsupported('proxyConfiguration.defaultBehavior DENY_ALL');
  if (orderedProxyRules.some(({ effect }) => effect === 'DENY'))
    throw unsupported('proxyConfiguration.orderedProxyRules with the effect DENY');
}

function checkProxyRule({ type, entities = [] }: FleetProxyRule): void {
  for (const entity of entities) {
    const valid = type === 'IP' ? isAddressBlock(entity) : isDomain(entity);
    if (!valid)
      throw new RuleError(`Invalid proxy configuration: ${entity} is no ${type} of a rule`);
  }
}
