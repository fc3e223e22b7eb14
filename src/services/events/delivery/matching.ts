import type { Db, Tx } from '../../../db/database.ts';
import { compilePattern, type Matcher } from '../../../kit/event-pattern/compile.ts';
import type { BusEvent } from '../model/event.ts';
import type { BusPlace } from '../model/names.ts';
import { isEnabled } from '../model/rule.ts';
import { listArchives } from '../store/archives.ts';
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
  archives: { id: string; matches: Matcher }[];
}

/** Revisions whose rules are kept in memory. */
const MAX_KNOWN = 200;

/** By revision, which says all: a change makes another one. The one that was asked for last is at the end. */
const known = new Map<string, Map<string, Waiting>>();

const NOBODY: Waiting = { rules: [], archives: [] };

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
  const waitingAt = (bus: string) => {
    const waiting = buses.get(bus) ?? { rules: [], archives: [] };
    buses.set(bus, waiting);
    return waiting;
  };
  for (const rule of await listRules(tx, owner)) {
    const { bus, name, arn, pattern } = rule;
    const its = targets.get(`${bus}/${name}`);
    if (pattern === undefined || !its || !isEnabled(rule)) continue;
    const targetIds = its.map(({ target_id }) => target_id);
    waitingAt(bus).rules.push({ name, arn, targetIds, matches: compilePattern(pattern) });
  }
  for (const { id, bus, pattern } of await listArchives(tx, owner))
    waitingAt(bus).archives.push({ id, matches: pattern ? compilePattern(pattern) : () => true });
  return buses;
}

/** The rules and the archives of the bus that want the event. What comes by a replay is archived already. */
export async function wanting(
  tx: Db | Tx,
  place: BusPlace,
  event: BusEvent,
): Promise<{ rules: WaitingRule[]; archiveIds: string[] }> {
  const { rules, archives } = await waitingOn(tx, place);
  const again = event['replay-name'] !== undefined;
  const its = again ? [] : archives.filter(({ matches }) => matches(event));
  return {
    rules: rules.filter(({ matches }) => matches(event)),
    archiveIds: its.map(({ id }) => id),
  };
}

export async function isWanted(tx: Db | Tx, place: BusPlace, event: BusEvent): Promise<boolean> {
  const { rules, archives } = await waitingOn(tx, place);
  return (
    rules.some(({ matches }) => matches(event)) || archives.some(({ matches }) => matches(event))
  );
}
