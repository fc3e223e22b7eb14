import { randomUUID } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import type { BusEvent } from '../model/event.ts';
import type { BusPlace } from '../model/names.ts';
import { archive } from '../store/archives.ts';
import { insertDelivery } from '../store/deliveries.ts';
import { wanting } from './matching.ts';
import { LANES } from './names.ts';

type House = Pick<Platform, 'engine' | 'clock'>;

interface FanOut {
  /** Buses that the event has come through before this one. */
  hops?: number;
  /** Of a replay: the rules that it is for. */
  onlyRules?: readonly string[];
}

/** Owes an event that is on a bus to the targets of all rules that want it. */
export async function fanOut(
  ctx: House,
  tx: Tx,
  place: BusPlace,
  event: BusEvent,
  { hops = 0, onlyRules }: FanOut = {},
): Promise<void> {
  const { rules, archiveIds } = await wanting(tx, place, event);
  if (archiveIds.length > 0) await archive(tx, archiveIds, event, ctx.clock.now());
  for (const { name, arn, targetIds } of rules) {
    if (onlyRules && !onlyRules.includes(arn)) continue;
    await owe(ctx, tx, { rule: { ...place, name }, ruleArn: arn, targetIds, event, hops });
  }
}

interface Owed {
  rule: BusPlace & { name: string };
  ruleArn: string;
  targetIds: readonly string[];
  event: BusEvent;
  hops?: number;
}

/** Owes an event to targets of a rule. */
export async function owe(
  ctx: House,
  tx: Tx,
  { rule, ruleArn, targetIds, event, hops = 0 }: Owed,
): Promise<void> {
  for (const targetId of targetIds) {
    const id = randomUUID();
    const now = ctx.clock.now();
    const times = { startedAt: now, dueAt: now, attempts: 0 };
    await insertDelivery(tx, { id, rule, ruleArn, targetId, event, hops, ...times });
    await ctx.engine.wake(tx, LANES.inner, id);
  }
}
