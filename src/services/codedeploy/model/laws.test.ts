import fc from 'fast-check';
import { takeStep } from '../../../engine/machine.ts';
import { machineLaws } from '../../../engine/machine-laws.ts';
import { hostTopic, trafficKey } from '../reconcilers/names.ts';
import { advance, decisions } from './advance.ts';
import {
  type Draft,
  type EventSnapshot,
  type EventStatus,
  isRunning,
  isTerminal,
  type Snapshot,
  type TargetSnapshot,
} from './deployment-state.ts';
import type { FleetWork } from './fleet.ts';
import { isTrafficEvent, RUN_TIMEOUT_MS, START_TIMEOUT_MS } from './lifecycle.ts';
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
    trafficControl: fc.boolean(),
    held: fc.constantFrom(undefined, undefined, 'launch' as const, 'termination' as const),
    zones: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    monitorDurationInSeconds: fc.constantFrom(undefined, 0, 600),
  })
  .map(({ hosts, value, zones, monitorDurationInSeconds, ...more }) =>
    snapshot(hosts, {
      ...more,
      autoRollback: onFailure,
      minimumHealthyHosts: { type: 'HOST_COUNT', value },
      ...(zones && {
        zonal: { monitorDurationInSeconds },
        candidates: snapshot(hosts).candidates.map((host, index) => ({
          ...host,
          zone: `zone-${index % zones}`,
        })),
      }),
    }),
  );

const minutes = fc.constantFrom(undefined, 0, 60_000, 3600_000);
/** Blue/green ones, and the way back of one. Hosts with even numbers are the replacement. */
const blueGreens = fc
  .record({
    pairs: fc.integer({ min: 0, max: 3 }),
    value: fc.nat({ max: 2 }),
    readyWaitMs: minutes,
    terminationWaitMs: minutes,
    takesBack: fc.constantFrom(false, false, true),
    lacks: fc.constantFrom(undefined, undefined, undefined, 'balancer' as const),
    copies: fc.boolean(),
  })
  .map(({ pairs, value, copies, ...way }) =>
    snapshot(2 * pairs, {
      autoRollback: onFailure,
      trafficControl: true,
      minimumHealthyHosts: { type: 'HOST_COUNT', value },
      blueGreen: {
        ...{ ...way, reroute: {} },
        ...(copies && { fleet: { original: 'blue', copy: 'green', done: [] } }),
      },
      candidates: snapshot(2 * pairs).candidates.map((host, index) => ({
        ...host,
        label: index % 2 === 0 ? 'Green' : 'Blue',
      })),
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
      'lose',
      'continue',
      'skipWait',
      'fleet',
      'noFleet',
    ),
    host: fc.nat({ max: 4 }),
    seen: fc.boolean(),
  }),
  { maxLength: 30 },
);

/** What a host, or the load balancers, work on. */
function offered({ events }: TargetSnapshot) {
  return events.find(
    ({ offeredAt, startedAt, status }) =>
      (offeredAt !== undefined || startedAt !== undefined) &&
      (status === 'Pending' || status === 'InProgress'),
  );
}

const workOf = ({ blueGreen }: Snapshot) => blueGreen?.fleet?.work;

/** What is reported by a command on the draft. */
function command(state: Snapshot, now: number, change: (draft: Draft) => void): Snapshot {
  const { step } = takeStep(decisions, state, now, change);
  return written(state, step.writes);
}

const moments = fc.tuple(fc.oneof(deployments, blueGreens), moves).map(([deployment, story]) => {
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
    else if (what === 'lose')
      state = command(state, now, (draft) => draft.lose(target?.name ?? '', 'gone', now));
    else if (what === 'continue' && state.status === 'Ready')
      state = command(state, now, (draft) => draft.setReroute({ continued: true }));
    else if (what === 'skipWait' && state.blueGreen?.reroute.waitsSince !== undefined)
      state = command(state, now, (draft) => draft.setReroute({ waitSkipped: true }));
    else if (what === 'fleet' || what === 'noFleet')
      state = command(state, now, (draft) => {
        const trouble = { code: 'AUTO_SCALING_CONFIGURATION' as const, message: 'no' };
        draft.answerFleet(workOf(state) ?? 'make', what === 'fleet' ? undefined : trouble);
      });
    else if (what === 'lateStart') now += START_TIMEOUT_MS;
    else if (what === 'lateEnd') now += RUN_TIMEOUT_MS;
    else if (event && what === 'take')
      Object.assign(event, { status: 'InProgress', startedAt: event.startedAt ?? now });
    else if (event && (what === 'succeed' || what === 'fail')) {
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
        toldBy: isTrafficEvent(offered(target)?.name ?? '')
          ? trafficKey(state.groupId, target.name)
          : hostTopic(state, target.name),
      }));
    const { reroute } = state.blueGreen ?? {};
    // A wait is over some time: its end is arranged with its beginning.
    const waits = state.targets.length > 0 && commands.length === 0 && isRunning(state);
    const wait = { id: 'wait', toldBy: state.deploymentId };
    const termination = { id: 'termination', toldBy: state.deploymentId };
    const alarms = { id: 'alarms', toldBy: state.deploymentId };
    return [
      ...(state.role === 'asked' ? [role] : []),
      ...(state.alarms === 'asked' ? [alarms] : []),
      ...(reroute?.termination === 'asked'
        ? [termination]
        : workOf(state)
          ? [{ id: `fleet ${workOf(state)}`, toldBy: state.groupId }]
          : waits
            ? [wait]
            : []),
      ...commands,
    ];
  },
  done(draft, id, now) {
    if (id === 'role') draft.answerRole('ok');
    if (id === 'alarms') draft.answerAlarms('quiet');
    if (id === 'termination') draft.answerTermination('done');
    if (id.startsWith('fleet ')) draft.answerFleet(id.slice(6) as FleetWork);
    if (id === 'wait') passWait(draft);
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

/** What ends a wait, whatever it is for: somebody continues, or an hour is over. */
function passWait(draft: Draft): void {
  const { blueGreen, targets } = draft.state;
  if (blueGreen?.reroute.waitsSince !== undefined) draft.setReroute({ waitSkipped: true });
  else if (blueGreen) draft.setReroute({ continued: true });
  else
    for (const target of targets)
      target.events.forEach(({ endedAt }, position) => {
        if (endedAt !== undefined)
          draft.setEvent(target, position, { endedAt: endedAt - 3600_000 });
      });
}
