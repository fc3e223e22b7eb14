import { type Draft, deadlineOf, isOver, type TargetSnapshot } from './deployment-state.ts';
import { withoutScript } from './diagnostics.ts';
import { AGENT_SILENT, ALLOW_EVENTS, isForgiven, RUN_TIMEOUT_MS } from './lifecycle.ts';

/** Takes a host in progress on as far as it goes: timeouts, the next command, its end. */
export function advanceTarget(draft: Draft, target: TargetSnapshot, now: number): void {
  expire(draft, target, now);
  const { ignoreApplicationStopFailures, ending } = draft.state;
  const failed = target.events.some(
    (event) => event.status === 'Failed' && !isForgiven(event.name, ignoreApplicationStopFailures),
  );
  const position = target.events.findIndex((event) => !isOver(event));
  const current = target.events[position];
  const interrupted = ending && ending.mode !== 'drain' && current?.status !== 'InProgress';
  if (failed || (interrupted && current)) {
    skipRest(draft, target, now);
    draft.setTarget(target, 'Failed');
  } else if (!current) {
    draft.setTarget(target, 'Succeeded');
  } else if (awaitsTraffic(draft, target, position)) {
    draft.setTarget(target, 'Ready');
  } else if (current.status === 'Pending' && current.offeredAt === undefined) {
    draft.offer(target, position, now);
  }
}

/** Traffic comes to a replacement instance when it is rerouted, not when the instance has the revision (CD-LCS-03). */
function awaitsTraffic(draft: Draft, { label, events }: TargetSnapshot, position: number): boolean {
  const { name, offeredAt } = events[position] ?? {};
  const { blueGreen } = draft.state;
  return Boolean(blueGreen) && label === 'Green' && name === ALLOW_EVENTS[0] && !offeredAt;
}

/** Fails the event that no agent took, that runs too long, or that an aborted deployment does not wait for. */
function expire(draft: Draft, target: TargetSnapshot, now: number): void {
  const position = target.events.findIndex((event) => !isOver(event));
  const current = target.events[position];
  const deadline = deadlineOf(target);
  if (!current || deadline === undefined) return;
  const { ending } = draft.state;
  // An instance may take an hour to become healthy: who stops a deployment does not wait for that.
  const isCut = ending?.mode === 'interrupt' && current.name === 'AllowTraffic';
  const aborted = ending?.mode === 'abort' || isCut;
  if (now < deadline && !aborted) return;
  const silent = current.startedAt === undefined;
  const late = `The lifecycle event ${current.name} did not complete within ${RUN_TIMEOUT_MS / 1000} seconds.`;
  draft.setEvent(target, position, {
    status: 'Failed',
    endedAt: now,
    ...(silent && !aborted && { agentSilent: true }),
    diagnostics: withoutScript(
      'UnknownError',
      aborted ? (ending?.message ?? '') : silent ? AGENT_SILENT : late,
    ),
  });
}

/** What comes after a failure is skipped (CD-LCS-10). */
export function skipRest(draft: Draft, target: TargetSnapshot, now: number): void {
  target.events.forEach((event, position) => {
    if (!isOver(event)) draft.setEvent(target, position, { status: 'Skipped', endedAt: now });
  });
}
