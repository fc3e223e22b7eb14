import { countByZone, nextToGo, placeFor } from './choose.ts';
import type { Draft } from './draft.ts';
import { isSuspended, type Launch, type Member } from './group.ts';
import { leave } from './leave.ts';
import * as texts from './texts.ts';

/** As many instances as are wanted, where they are wanted. */
export function scale(draft: Draft): void {
  const { group, body, now } = draft;
  const target = body.deleting ? 0 : body.desired;
  // One that came first counts from when it serves; those of a refresh from when they are warm.
  if (!body.refresh)
    for (const { body: its } of draft.members) if (its.phase === 'in-service') delete its.extra;
  if (!isSuspended(group, 'Launch') && !body.deleting && now >= body.waitsUntil)
    for (let have = draft.active.length; have < target && underWay(draft) < MOST_AT_ONCE; have++)
      launchOne(draft, causeOf(draft, have));
  if (!isSuspended(group, 'Terminate') || body.deleting) {
    while (draft.active.length > target && endOne(draft));
    if (body.deleting) for (const member of rest(draft)) leave(draft, member, 'end', ended(draft));
  }
  rebalance(draft);
}

/** A group that is to be larger than there is room for does not try for all of it at once. */
const MOST_AT_ONCE = 20;
const underWay = ({ members }: Draft) =>
  members.filter(({ body }) => body.phase === 'launching').length;

const ended = ({ now }: Draft) => texts.outOfService(now, 'the deletion of its group');

/** Of a group that is deleted all go, whatever they are at, but for what is its owner's again. */
const rest = ({ members }: Draft) =>
  members.filter(
    ({ body: { phase, leavesFor, abandoned } }) =>
      !abandoned &&
      phase !== 'terminating' &&
      !(phase === 'leaving' && (leavesFor === 'end' || leavesFor === 'detached')),
  );

/** With the reason why so many are wanted. */
const since = ({ body: { why } }: Draft, text: string) => (why === '' ? text : `${why}  ${text}`);

function causeOf(draft: Draft, have: number): string {
  const { body, now } = draft;
  if (body.owed > 0) {
    body.owed -= 1;
    return texts.replacement(now);
  }
  if (body.refresh) return texts.refreshed(now);
  return since(draft, texts.started(now, have));
}

export function launchOne(draft: Draft, cause: string, more: { extra?: true } = {}): void {
  const { body } = draft;
  const place = placeFor(body.places, draft.active);
  if (!place) return;
  const launch: Launch = body.refresh?.wanted ?? body.launch;
  const member = draft.add(undefined, {
    ...{ phase: 'launching', zone: place.zone, subnet: place.subnet, launch },
    ...{ protected: body.protects, healthy: true, ...more },
    ...(body.refresh && { refresh: body.refresh.id }),
  });
  draft.begin(member, 'Launching a new EC2 instance', cause, 'InProgress');
}

/** @returns false where there is none that may go */
function endOne(draft: Draft): boolean {
  const { body, now, active } = draft;
  const free = active.filter(
    ({ body: its, instanceId }) => (body.deleting || !its.protected) && instanceId !== undefined,
  );
  const inService = free.filter(({ body: { phase } }) => phase === 'in-service');
  const zones = body.places.map(({ zone }) => zone);
  const next = nextToGo(inService.length > 0 ? inService : free, active, body.policies, zones);
  if (!next) return false;
  const cause = since(draft, texts.shrunk(now, next.instanceId ?? '', active.length));
  leave(draft, next, 'end', body.deleting ? ended(draft) : cause);
  return true;
}

/** One instance more where there are too few, before one goes where there are too many. */
function rebalance(draft: Draft): void {
  const { group, body, members, now } = draft;
  if (isSuspended(group, 'AZRebalance') || isSuspended(group, 'Launch') || body.deleting) return;
  if (now < body.waitsUntil || body.refresh || isSuspended(group, 'Terminate')) return;
  // Nothing else is under way.
  const settled = members.every(({ body: { phase } }) => ['in-service', 'standby'].includes(phase));
  const active = draft.active;
  if (!settled || active.length !== body.desired || active.length === 0) return;
  const zones = [...new Set(body.places.map(({ zone }) => zone))];
  const counts = countByZone(active);
  const of = (zone: string) => counts.get(zone) ?? 0;
  const least = zones.map(of).reduce((a, b) => Math.min(a, b), Number.MAX_SAFE_INTEGER);
  const movable = (member: Member) =>
    !member.body.protected &&
    (!zones.includes(member.body.zone) || of(member.body.zone) - least > 1);
  if (active.some(movable)) launchOne(draft, texts.rebalanced(now, active.length), { extra: true });
}
