import type { Db, Tx } from '../../../db/database.ts';
import { compilePattern, type Matcher } from '../../../kit/event-pattern/compile.ts';
import type { BusEvent } from '../model/event.ts';
import type { BusPlace } from '../model/names.ts';
import { isEnabled } from '../model/rule.ts';
import { findRevision } from '../store/revisions.ts';
import { listRules } from '../store/rules.ts';
import type { Owner } from '../store/tables.ts';
import { listTargetIds } from '../store/targets.ts';

/** A rule as events meet it. */
export interface WaitingRule {
  name: string;
  arn: string;
  targetIds: string[];
  matches: Matcher;
}

/** What waits on a bus for events. */
interface Waiting {
  rules: WaitingRule[];
}

/** Revisions whose rules are kept in memory. */
const MAX_KNOWN = 200;

/** By revision, which says all: a change makes another one. The one that was asked for last is at the end. */
const known = new Map<string, Map<string, Waiting>>();

const NOBODY: Waiting = { rules: [] };

/** What waits on this bus. Reads one row where nothing has changed. */
async function waitingOn(tx: Db | Tx, place: BusPlace): Promise<Waiting> {
  const revision = await findRevision(tx, place);
  if (revision === undefined) return NOBODY;
  const buses = known.get(revision) ?? (await load(tx, place));
  known.delete(revision);
  known.set(revision, buses);
  if (known.size > MAX_KNOWN) known.delete(known.keys().next().value ?? '');
  return buses.get(place.bus) ?? NOBODY;
}

async function load(tx: Db | Tx, owner: Owner): Promise<Map<string, Waiting>> {
  const targets = Map.groupBy(await listTargetIds(tx, owner), ({ bus, rule }) => `${bus}/${rule}`);
  const buses = new Map<string, Waiting>();
  for (const rule of await listRules(tx, owner)) {
    const { bus, name, arn, pattern } = rule;
    const its = targets.get(`${bus}/${name}`);
    if (pattern === undefined || !its || !isEnabled(rule)) continue;
    const waiting = buses.get(bus) ?? { rules: [] };
    buses.set(bus, waiting);
    const targetIds = its.map(({ target_id }) => target_id);
    waiting.rules.push({ name, arn, targetIds, matches: compilePattern(pattern) });
  }
  return buses;
}

/** The rules of the bus that want the event. */
export async function rulesWanting(
  tx: Db | Tx,
  place: BusPlace,
  event: BusEvent,
): Promise<WaitingRule[]> {
  const { rules } = await waitingOn(tx, place);
  return rules.filter(({ matches }) => matches(event));
}

export async function isWanted(tx: Db | Tx, place: BusPlace, event: BusEvent): Promise<boolean> {
  const { rules } = await waitingOn(tx, place);
  return rules.some(({ matches }) => matches(event));
}
