import type { Db, Tx } from '../../../db/database.ts';
import type { EventKind } from '../../../engine/events.ts';
import { askedOf } from '../../../kit/event-pattern/asked.ts';
import { compilePattern, type Matcher } from '../../../kit/event-pattern/compile.ts';
import { remembered } from '../../../kit/revisions.ts';
import type { BusEvent } from '../model/event.ts';
import type { BusPlace } from '../model/names.ts';
import { hearsReads, isEnabled, sourcesOf } from '../model/rule.ts';
import { listArchives } from '../store/archives.ts';
import { revisions } from '../store/revisions.ts';
import { listRules } from '../store/rules.ts';
import type { Owner } from '../store/tables.ts';
import { listTargetIds } from '../store/targets.ts';

/** A rule as events meet it. */
export interface WaitingRule {
  name: string;
  arn: string;
  targetIds: string[];
  matches: Matcher;
  /** Might it match an event with this `detail-type`? */
  mayMatch: Matcher;
}

/** What waits on a bus for events. */
interface Waiting {
  /** Of rules that name their sources: by these. */
  bySource: Map<unknown, WaitingRule[]>;
  /** Other rules, which are asked about every event. */
  others: WaitingRule[];
  archives: (Pick<WaitingRule, 'matches' | 'mayMatch'> & { id: string })[];
}

const nobody = (): Waiting => ({ bySource: new Map(), others: [], archives: [] });

async function load(tx: Db | Tx, owner: Owner): Promise<Map<string, Waiting>> {
  const targets = Map.groupBy(await listTargetIds(tx, owner), ({ bus, rule }) => `${bus}/${rule}`);
  const buses = new Map<string, Waiting>();
  const waitingAt = (bus: string) => {
    const waiting = buses.get(bus) ?? nobody();
    buses.set(bus, waiting);
    return waiting;
  };
  for (const rule of await listRules(tx, owner)) {
    const { bus, name, arn, pattern } = rule;
    const its = targets.get(`${bus}/${name}`);
    if (pattern === undefined || !its || !isEnabled(rule)) continue;
    const targetIds = its.map(({ target_id }) => target_id);
    const every = compilePattern(pattern);
    const matches = hearsReads(rule) ? every : changing(every);
    const waiting = { name, arn, targetIds, matches, mayMatch: roughly(pattern) };
    add(waitingAt(bus), waiting, pattern);
  }
  for (const { id, bus, pattern } of await listArchives(tx, owner))
    waitingAt(bus).archives.push({
      id,
      matches: changing(pattern ? compilePattern(pattern) : () => true),
      mayMatch: pattern ? roughly(pattern) : () => true,
    });
  return buses;
}

const waitingIn = remembered(revisions, load);

/** What waits on this bus. Reads one row where nothing has changed. */
async function waitingOn(tx: Db | Tx, place: BusPlace): Promise<Waiting> {
  return (await waitingIn(tx, place))?.get(place.bus) ?? nobody();
}

/** Most rules name the sources of their events, and need no look at those of others. */
function add({ bySource, others }: Waiting, rule: WaitingRule, pattern: string): void {
  const sources = sourcesOf(pattern);
  if (!sources) others.push(rule);
  for (const source of new Set(sources)) {
    const its = bySource.get(source) ?? [];
    bySource.set(source, its);
    its.push(rule);
  }
}

const candidates = ({ bySource, others }: Waiting, { source }: BusEvent) => [
  ...(bySource.get(source) ?? []),
  ...others,
];

/** The rules and the archives of the bus that want the event. What comes by a replay is archived already. */
export async function wanting(
  tx: Db | Tx,
  place: BusPlace,
  event: BusEvent,
): Promise<{ rules: WaitingRule[]; archiveIds: string[] }> {
  const waiting = await waitingOn(tx, place);
  const again = event['replay-name'] !== undefined;
  const its = again ? [] : waiting.archives.filter(({ matches }) => matches(event));
  return {
    rules: candidates(waiting, event).filter(({ matches }) => matches(event)),
    archiveIds: its.map(({ id }) => id),
  };
}

export async function isWanted(tx: Db | Tx, place: BusPlace, event: BusEvent): Promise<boolean> {
  const waiting = await waitingOn(tx, place);
  return [...candidates(waiting, event), ...waiting.archives].some(({ matches }) => matches(event));
}

/** Might anything on the bus want an event of this kind, whatever its detail? */
export async function mayBeWanted(tx: Db | Tx, place: BusPlace, kind: EventKind): Promise<boolean> {
  const { bySource, others, archives } = await waitingOn(tx, place);
  const named = [...bySource.values()].flat();
  return [...named, ...others, ...archives].some(({ mayMatch }) => mayMatch(kind));
}

/** What a pattern says of `detail-type`, where that holds for all that it matches. */
function roughly(pattern: string): Matcher {
  const detailType = askedOf(pattern, 'detail-type');
  return detailType === undefined ? () => true : compilePattern({ 'detail-type': detailType });
}

/**
 * A call that only reads, as CloudTrail tells of it: rules hear of those by a state of their own.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
 */
function isRead(event: unknown): boolean {
  const { 'detail-type': type, detail } = event as Pick<BusEvent, 'detail-type' | 'detail'>;
  return type === 'AWS API Call via CloudTrail' && detail.readOnly === true;
}

/** Of calls only those that change something; of all else everything. */
function changing(every: Matcher): Matcher {
  return (event) => !isRead(event) && every(event);
}
