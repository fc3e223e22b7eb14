import { counts, type Group, isSuspended, type Member } from './group.ts';

/** When a group has to be looked at though nothing has happened. */
export function nextLook({
  group,
  members,
  now,
}: {
  group: Group;
  members: readonly Member[];
  now: number;
}): number | undefined {
  const { body } = group;
  const times: number[] = [];
  for (const member of members) {
    for (const { until, atMost } of member.body.held) times.push(Math.min(until, atMost));
    const since = member.body.inServiceAt;
    if (since === undefined) continue;
    if (body.refresh?.id === member.body.refresh)
      times.push(since + (body.refresh?.warmup ?? 0) * 1000);
    if (body.lifetime) times.push(since + body.lifetime * 1000);
  }
  if (!isSuspended(group, 'ScheduledActions'))
    for (const { next } of body.schedules) times.push(next);
  if (members.filter(counts).length < body.desired) times.push(body.waitsUntil);
  const coming = times.filter((at) => at > now);
  return coming.length > 0 ? coming.reduce((a, b) => Math.min(a, b)) : undefined;
}
