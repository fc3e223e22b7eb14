import * as sdk from '@aws-sdk/client-codedeploy';
import { parseArn } from '../../../aws/arn.ts';
import { exception, unsupported } from '../../../aws/errors.ts';
import { ownValue } from '../../../lib/own.ts';
import { invalidScalingGroup } from '../errors.ts';
import {
  MAX_ALARMS,
  MAX_SCALING_GROUPS,
  MAX_TAG_SETS,
  MAX_TAGS_PER_SET,
  MAX_TRIGGERS,
} from '../limits.ts';
import { TRIGGER_EVENTS } from '../model/triggers.ts';
import type { Application, GroupBody } from '../store/applications.ts';
import { checkServerBlueGreen } from './blue-green-input.ts';
import { checkBalancers } from './traffic-input.ts';

/** Members that creating and updating a group share. */
export type GroupInput = Omit<
  sdk.CreateDeploymentGroupCommandInput,
  'applicationName' | 'deploymentGroupName' | 'serviceRoleArn' | 'tags'
> & { serviceRoleArn?: string | undefined };

/** Refuses what is not deployed to here, by name. */
export function refuseUnsupported(input: GroupInput): void {
  const { loadBalancerInfo: lb } = input;
  if (input.ecsServices?.length) throw unsupported('Amazon ECS services');
  if (lb?.targetGroupPairInfoList?.length)
    throw unsupported('pairs of target groups, of Amazon ECS services');
}

/** The members that an input gives, checked; what it does not give stays as it is. */
export function checkGroupInput(
  input: GroupInput,
  platform: Application['platform'],
): Partial<GroupBody['info']> {
  checkAlarms(input.alarmConfiguration);
  checkAutoRollback(input.autoRollbackConfiguration);
  checkTriggers(input.triggerConfigurations);
  if (input.serviceRoleArn !== undefined) requireRole(input.serviceRoleArn);
  const { outdatedInstancesStrategy: strategy } = input;
  if (strategy !== undefined && strategy !== 'UPDATE' && strategy !== 'IGNORE') {
    throw exception(sdk.InvalidInputException, `Invalid outdated instances strategy: ${strategy}`);
  }
  const given: Partial<GroupBody['info']> = {
    deploymentConfigName: input.deploymentConfigName,
    serviceRoleArn: input.serviceRoleArn,
    alarmConfiguration: input.alarmConfiguration,
    triggerConfigurations: input.triggerConfigurations,
    autoRollbackConfiguration: input.autoRollbackConfiguration,
    deploymentStyle: checkStyle(input.deploymentStyle),
    loadBalancerInfo: checkBalancers(input.loadBalancerInfo),
    blueGreenDeploymentConfiguration:
      platform === 'Server'
        ? checkServerBlueGreen(input.blueGreenDeploymentConfiguration)
        : undefined,
    autoScalingGroups: checkScalingGroups(input.autoScalingGroups),
    terminationHookEnabled: input.terminationHookEnabled,
    outdatedInstancesStrategy: strategy,
    ...checkEc2Tags(input),
    ...checkOnPremisesTags(input),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** CD-DGF-03. Their hooks get names when they are put there. @throws InvalidAutoScalingGroupException */
function checkScalingGroups(
  names: readonly string[] | undefined,
): GroupBody['info']['autoScalingGroups'] {
  if (!names) return undefined;
  if (names.length > MAX_SCALING_GROUPS)
    throw invalidScalingGroup(`a deployment group has ${MAX_SCALING_GROUPS} at most.`);
  if (new Set(names).size < names.length) throw invalidScalingGroup('one is named twice.');
  const bad = names.find((name) => name === '' || name.length > 255 || name.includes(':'));
  if (bad !== undefined) throw invalidScalingGroup(bad);
  return names.map((name) => ({ name }));
}

export function requireRole(arn: string | undefined): string {
  if (!arn)
    throw exception(sdk.RoleRequiredException, 'The role ARN is required but was not specified.');
  if (!/^arn:[^:]+:iam::\d{12}:role\/.+$/.test(arn)) {
    throw exception(
      sdk.InvalidRoleException,
      `The service role ARN ${arn} is not in the valid format.`,
    );
  }
  return arn;
}

function checkStyle(style: sdk.DeploymentStyle | undefined): sdk.DeploymentStyle | undefined {
  const { deploymentType = 'IN_PLACE' } = style ?? {};
  // What a blue/green deployment is without it, nobody knows.
  const byDefault =
    deploymentType === 'BLUE_GREEN' ? 'WITH_TRAFFIC_CONTROL' : 'WITHOUT_TRAFFIC_CONTROL';
  const { deploymentOption = byDefault } = style ?? {};
  const known =
    ['IN_PLACE', 'BLUE_GREEN'].includes(deploymentType) &&
    ['WITH_TRAFFIC_CONTROL', 'WITHOUT_TRAFFIC_CONTROL'].includes(deploymentOption);
  if (!known) {
    throw exception(
      sdk.InvalidDeploymentStyleException,
      'An invalid deployment style was specified. Valid deployment types include "IN_PLACE" and "BLUE_GREEN." Valid deployment options include "WITH_TRAFFIC_CONTROL" and "WITHOUT_TRAFFIC_CONTROL."',
    );
  }
  return style && { deploymentType, deploymentOption };
}

export function checkAlarms(alarms: sdk.AlarmConfiguration | undefined): void {
  const names = (alarms?.alarms ?? []).map((alarm) => alarm.name ?? '');
  const bad =
    names.some((name) => name === '' || name.length > 255) || new Set(names).size < names.length;
  if (bad || (alarms?.enabled && names.length === 0)) {
    throw exception(
      sdk.InvalidAlarmConfigException,
      'The format of the alarm configuration is invalid.',
    );
  }
  if (names.length > MAX_ALARMS) {
    throw exception(
      sdk.AlarmsLimitExceededException,
      `The maximum number of alarms for a deployment group (${MAX_ALARMS}) was exceeded.`,
    );
  }
}

/** CD-DGF-08. Whether the topic is there, and lets the group's role in, shows when it is told something. */
function checkTriggers(triggers: sdk.TriggerConfig[] = []): void {
  if (triggers.length > MAX_TRIGGERS)
    throw exception(
      sdk.TriggerTargetsLimitExceededException,
      `The maximum allowed number of triggers (${MAX_TRIGGERS}) was exceeded.`,
    );
  const names = new Set(triggers.map(({ triggerName }) => triggerName));
  if (names.size < triggers.length || !triggers.every(isTrigger))
    throw exception(
      sdk.InvalidTriggerConfigException,
      'The trigger was specified in an invalid format.',
    );
}

function isTrigger({ triggerName, triggerTargetArn = '', triggerEvents = [] }: sdk.TriggerConfig) {
  const topic = parseArn(triggerTargetArn);
  const hasTopic = topic?.service === 'sns' && /^[A-Za-z0-9_-]{1,256}$/.test(topic.resource);
  const hasEvents = triggerEvents.length > 0 && triggerEvents.every((e) => TRIGGER_EVENTS.has(e));
  return Boolean(triggerName) && hasTopic && hasEvents;
}

const ROLLBACK_EVENTS = [
  'DEPLOYMENT_FAILURE',
  'DEPLOYMENT_STOP_ON_ALARM',
  'DEPLOYMENT_STOP_ON_REQUEST',
];

export function checkAutoRollback(rollback: sdk.AutoRollbackConfiguration | undefined): void {
  const events = rollback?.events ?? [];
  if (
    events.some((event) => !ROLLBACK_EVENTS.includes(event)) ||
    (rollback?.enabled && events.length === 0)
  ) {
    throw exception(
      sdk.InvalidAutoRollbackConfigException,
      'The automatic rollback configuration was specified in an invalid format. For example, automatic rollback is enabled, but an invalid triggering event type or no event types were listed.',
    );
  }
}

type Filter = sdk.TagFilter;

/** A filter with its type said, or undefined when it makes no sense. */
function checkFilter({ Key, Value, Type }: Filter): Filter | undefined {
  const type = Type ?? (Key && Value ? 'KEY_AND_VALUE' : Key ? 'KEY_ONLY' : 'VALUE_ONLY');
  const needs = ownValue(
    { KEY_ONLY: [Key], VALUE_ONLY: [Value], KEY_AND_VALUE: [Key, Value] },
    type,
  );
  if (!needs || needs.some((part) => part === undefined || part === '')) return undefined;
  return { ...(Key !== undefined && { Key }), ...(Value !== undefined && { Value }), Type: type };
}

function checkFilters(filters: Filter[], invalid: () => Error): Filter[] {
  return filters.map((filter) => {
    const checked = checkFilter(filter);
    if (!checked) throw invalid();
    return checked;
  });
}

function checkSets(sets: Filter[][], invalid: () => Error): Filter[][] {
  if (sets.length > MAX_TAG_SETS || sets.some((set) => set.length > MAX_TAGS_PER_SET)) {
    throw exception(
      sdk.TagSetListLimitExceededException,
      `The number of tag groups included in the tag set list exceeded the maximum allowed limit of ${MAX_TAG_SETS}, or a group has more than ${MAX_TAGS_PER_SET} tags.`,
    );
  }
  return sets.map((set) => checkFilters(set, invalid));
}

const invalidEc2Tag = () =>
  exception(sdk.InvalidEC2TagException, 'The tag was specified in an invalid format.');
const invalidTag = () =>
  exception(sdk.InvalidTagException, 'The tag was specified in an invalid format.');

/** Each of the two ways replaces the other. */
export function checkEc2Tags({
  ec2TagFilters,
  ec2TagSet,
}: Pick<GroupInput, 'ec2TagFilters' | 'ec2TagSet'>): Partial<GroupBody['info']> {
  const sets = ec2TagSet?.ec2TagSetList;
  if (ec2TagFilters?.length && sets?.length) {
    throw exception(
      sdk.InvalidEC2TagCombinationException,
      'A call was submitted that specified both Ec2TagFilters and Ec2TagSet, but only one of these data types can be used in a single call.',
    );
  }
  if (sets)
    return { ec2TagSet: { ec2TagSetList: checkSets(sets, invalidEc2Tag) }, ec2TagFilters: [] };
  if (!ec2TagFilters) return {};
  const filters = checkFilters(ec2TagFilters, invalidEc2Tag);
  return {
    ec2TagFilters: filters,
    ...(filters.length > 0 && { ec2TagSet: { ec2TagSetList: [] } }),
  };
}

function checkOnPremisesTags(input: GroupInput): Partial<GroupBody['info']> {
  const { onPremisesInstanceTagFilters: filters, onPremisesTagSet } = input;
  const sets = onPremisesTagSet?.onPremisesTagSetList;
  if (filters?.length && sets?.length) {
    throw exception(
      sdk.InvalidOnPremisesTagCombinationException,
      'A call was submitted that specified both OnPremisesTagFilters and OnPremisesTagSet, but only one of these data types can be used in a single call.',
    );
  }
  if (sets) {
    return {
      onPremisesTagSet: { onPremisesTagSetList: checkSets(sets, invalidTag) },
      onPremisesInstanceTagFilters: [],
    };
  }
  if (!filters) return {};
  const checked = checkFilters(filters, invalidTag);
  return {
    onPremisesInstanceTagFilters: checked,
    ...(checked.length > 0 && { onPremisesTagSet: { onPremisesTagSetList: [] } }),
  };
}
