import fc from 'fast-check';
import { machineLaws } from '../../../engine/machine-laws.ts';
import { hostTopic } from '../reconcilers/names.ts';
import { advance, decisions, isTerminal } from './advance.ts';
import type { EventSnapshot, EventStatus, Snapshot, TargetSnapshot } from './deployment-state.ts';
import { RUN_TIMEOUT_MS, START_TIMEOUT_MS } from './lifecycle.ts';
import { START, snapshot, written } from './testing.ts';

const onFailure = { enabled: true, events: ['DEPLOYMENT_FAILURE' as const] };

const deployments = fc
  .record({
    hosts: fc.integer({ min: 0, max: 5 }),
    value: fc.nat({ max: 4 }),
    role: fc.constantFrom(undefined, 'asked' as const, 'ok' as const, 'denied' as const),
    groupExists: fc.constantFrom(true, true, true, false),
    watchesAlarms: fc.boolean(),
    alarms: fc.constantFrom(undefined, 'asked' as const, 'quiet' as const),
    hasLastSuccessful: fc.boolean(),
  })
  .map(({ hosts, value, ...more }) =>
    snapshot(hosts, {
      ...more,
      autoRollback: onFailure,
      minimumHealthyHosts: { type: 'HOST_COUNT', value },
    }),
  );

/** What hosts, users and the clock do, after which the machine may have looked or not. */
const moves = fc.array(
  fc.record({
    what: fc.constantFrom(
      'take',
      'succeed',
      'succeed',
      'fail',
      'stop',
      'lateStart',
      'lateEnd',
      'alarm',
    ),
    host: fc.nat({ max: 4 }),
    seen: fc.boolean(),
  }),
  { maxLength: 30 },
);

function offered({ events }: TargetSnapshot) {
  return events.find(
    ({ offeredAt, status }) =>
      offeredAt !== undefined && (status === 'Pending' || status === 'InProgress'),
  );
}

const moments = fc.tuple(deployments, moves).map(([deployment, story]) => {
  let now = START;
  let state: Snapshot = deployment;
  // Else it is looked at for the first time.
  if (story.length > 0) state = written(state, advance(state, now).writes);
  for (const { what, host, seen } of story) {
    if (isTerminal(state.status)) break;
    const target = state.targets[host % Math.max(1, state.targets.length)];
    const event = target?.status === 'InProgress' ? offered(target) : undefined;
    if (what === 'stop') state.stop = {};
    else if (what === 'alarm' && state.alarms === 'quiet')
      state.alarms = { code: 'ALARM_ACTIVE', message: 'loud' };
    else if (what === 'lateStart') now += START_TIMEOUT_MS;
    else if (what === 'lateEnd') now += RUN_TIMEOUT_MS;
    else if (event && what === 'take')
      Object.assign(event, { status: 'InProgress', startedAt: now });
    else if (event) {
      const status: EventStatus = what === 'fail' ? 'Failed' : 'Succeeded';
      Object.assign(event, { status, startedAt: event.startedAt ?? now, endedAt: now });
    }
    if (seen) state = written(state, advance(state, now).writes);
  }
  return { snapshot: state, now };
});

machineLaws('a deployment', {
  ...decisions,
  moments,
  written,
  open(state) {
    if (isTerminal(state.status)) return [];
    const role = { id: 'role', toldBy: state.deploymentId };
    const commands = state.targets
      .filter((target) => target.status === 'InProgress' && offered(target))
      .map((target) => ({
        id: `${target.name}/${target.events.indexOf(offered(target) as EventSnapshot)}`,
        toldBy: hostTopic(state, target.name),
      }));
    const alarms = { id: 'alarms', toldBy: state.deploymentId };
    return [
      ...(state.role === 'asked' ? [role] : []),
      ...(state.alarms === 'asked' ? [alarms] : []),
      ...commands,
    ];
  },
  done(draft, id, now) {
    if (id === 'role') draft.answerRole('ok');
    if (id === 'alarms') draft.answerAlarms('quiet');
    const [name, position = ''] = id.split('/');
    const target = draft.state.targets.find((t) => t.name === name);
    // The last of a host fails now and then.
    const status = id === 'host-3/6' ? 'Failed' : 'Succeeded';
    if (target) {
      draft.setEvent(target, Number(position), { status, startedAt: now, endedAt: now });
    }
  },
  ended: ({ status }) => isTerminal(status),
});
