import type { EventSeverity } from '@aws-sdk/client-elastic-beanstalk';
import { pageOfList } from '../../../kit/pages.ts';
import { invalid } from '../errors.ts';
import { PAGE } from '../limits.ts';
import { COLORS, type Environment, type HealthStatus } from '../model/environment.ts';
import { instanceHealth } from '../model/health.ts';
import { listEnvironments } from '../store/environments.ts';
import { listEvents, type StoredEvent } from '../store/events.ts';
import { elasticbeanstalk } from './declare.ts';
import { onEnvironment } from './on-environment.ts';
import { shownEnvironment } from './shapes.ts';

const badToken = () => invalid('The NextToken is not valid.');

export const describeEnvironments = elasticbeanstalk(
  'describeEnvironments',
  {},
  async (ctx, input) => {
    const { EnvironmentIds: ids = [], EnvironmentNames: names = [], ApplicationName } = input;
    const back = input.IncludedDeletedBackTo?.getTime() ?? 0;
    const isWanted = ({ id, name, application, status, body }: Environment) =>
      (ids.length === 0 || ids.includes(id)) &&
      (names.length === 0 || names.includes(name)) &&
      (ApplicationName === undefined || application === ApplicationName) &&
      (input.VersionLabel === undefined || body.release.label === input.VersionLabel) &&
      (status !== 'Terminated' ||
        (input.IncludeDeleted === true && (body.terminatedAt ?? 0) >= back));
    const all = (await listEnvironments(ctx.db, ctx)).filter(isWanted);
    const asked = { token: input.NextToken, limit: input.MaxRecords ?? PAGE, refuse: badToken };
    const { items, nextToken } = pageOfList(ctx, asked, all, ({ name, id }) => [name, id]);
    return {
      Environments: items.map((one) => shownEnvironment(ctx, one)),
      ...(nextToken !== undefined && { NextToken: nextToken }),
    };
  },
);

export const describeEnvironmentResources = elasticbeanstalk(
  'describeEnvironmentResources',
  onEnvironment,
  async (_ctx, _input, { name, body: { resources, instances } }) => ({
    EnvironmentResources: {
      EnvironmentName: name,
      AutoScalingGroups: resources ? [{ Name: resources.group }] : [],
      Instances: Object.keys(instances).map((Id) => ({ Id })),
      LaunchConfigurations: [],
      LaunchTemplates: resources ? [{ Id: resources.template }] : [],
      LoadBalancers: resources?.balancer ? [{ Name: resources.balancer.arn }] : [],
      ...{ Triggers: [], Queues: [] },
    },
  }),
);

const SEVERITIES: EventSeverity[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

export const describeEvents = elasticbeanstalk('describeEvents', {}, async (ctx, input) => {
  const least = SEVERITIES.indexOf(input.Severity ?? 'TRACE');
  const query = {
    ...{ application: input.ApplicationName, environmentId: input.EnvironmentId },
    ...{ environmentName: input.EnvironmentName, from: input.StartTime, to: input.EndTime },
  };
  const all = (await listEvents(ctx.db, ctx, query)).filter(
    (one) =>
      SEVERITIES.indexOf(one.severity) >= least &&
      (input.RequestId === undefined || one.requestId === input.RequestId) &&
      (input.VersionLabel === undefined || one.version === input.VersionLabel) &&
      (input.TemplateName === undefined || one.template === input.TemplateName),
  );
  const asked = { token: input.NextToken, limit: input.MaxRecords ?? PAGE, refuse: badToken };
  const keyOf = ({ at, id }: StoredEvent) => [at, id] as const;
  const { items, nextToken } = pageOfList(ctx, asked, all, keyOf, 'descending');
  return {
    Events: items.map((one) => ({
      ...{ EventDate: new Date(one.at), Message: one.message, Severity: one.severity },
      ApplicationName: one.application,
      ...(one.environmentName !== undefined && { EnvironmentName: one.environmentName }),
      ...(one.requestId !== undefined && { RequestId: one.requestId }),
      ...(one.version !== undefined && { VersionLabel: one.version }),
      ...(one.template !== undefined && { TemplateName: one.template }),
    })),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
});

/** Only what was asked for. */
function chosen<T extends object>(all: T, names: readonly string[] = [], always: (keyof T)[]): T {
  if (names.includes('All')) return all;
  const wanted = (name: string) => always.includes(name as keyof T) || names.includes(name);
  return Object.fromEntries(Object.entries(all).filter(([name]) => wanted(name))) as T;
}

const MEMBERS = {
  ...{ NoData: 'NoData', Unknown: 'Unknown', Pending: 'Pending', Ok: 'Ok', Info: 'Info' },
  ...{ Warning: 'Warning', Degraded: 'Degraded', Severe: 'Severe' },
} as const;

export const describeEnvironmentHealth = elasticbeanstalk(
  'describeEnvironmentHealth',
  onEnvironment,
  async (ctx, { AttributeNames }, found) => {
    const now = ctx.clock.now();
    const { health, instances } = found.body;
    const all = Object.values(instances).map(
      (one) => instanceHealth(found, one, now.getTime()).status,
    );
    const count = (status: HealthStatus) => all.filter((one) => one === status).length;
    const whole = {
      ...{
        ...{ EnvironmentName: found.name, HealthStatus: health.status },
        // The model has colors for it; AWS answers with what its documentation says, the state of operation.
        Status: found.status as never,
      },
      ...{ Color: COLORS[health.status], Causes: health.causes, RefreshedAt: now },
      InstancesHealth: Object.fromEntries(
        Object.keys(MEMBERS).map((status) => [status, count(status as HealthStatus)]),
      ),
    };
    return chosen(whole, AttributeNames, ['EnvironmentName']);
  },
);

export const describeInstancesHealth = elasticbeanstalk(
  'describeInstancesHealth',
  onEnvironment,
  async (ctx, { AttributeNames, NextToken }, found) => {
    const now = ctx.clock.now();
    const asked = { token: NextToken, limit: PAGE, refuse: badToken };
    const all = Object.values(found.body.instances);
    const { items, nextToken } = pageOfList(ctx, asked, all, ({ id }) => id);
    const shown = items.map((record) => {
      const { status, causes } = instanceHealth(found, record, now.getTime());
      const { system, runs, since } = record;
      const whole = {
        ...{ InstanceId: record.id, HealthStatus: status, Color: COLORS[status], Causes: causes },
        LaunchedAt: new Date(since),
        ...(system && {
          System: {
            LoadAverage: system.load,
            CPUUtilization: {
              ...{ User: system.cpu.user, System: system.cpu.system, Idle: system.cpu.idle },
            },
          },
        }),
        ...(runs && {
          Deployment: {
            ...{ VersionLabel: runs.label, DeploymentId: runs.deployment },
            Status:
              record.phase === 'idle' ? (record.failure ? 'Failed' : 'Deployed') : 'In Progress',
          },
        }),
      };
      return chosen(whole, AttributeNames, ['InstanceId']);
    });
    return {
      ...{ InstanceHealthList: shown, RefreshedAt: now },
      ...(nextToken !== undefined && { NextToken: nextToken }),
    };
  },
);
