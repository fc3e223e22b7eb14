import type { EngineStatus, FailingKey, StuckKey } from '../lib/engine-status.ts';

/** How many of each are printed: `--json` has more. */
const PRINTED = 5;

/** What people read of the engine: four lines where all is well. */
export function engineText(engine: EngineStatus): string[] {
  const { nodes, failing, stuck, rule } = engine;
  const now = Date.parse(engine.at);
  const since = (time: string) => `for ${span(now - Date.parse(time))}`;
  const rest = ({ total }: { total: number }) =>
    total > PRINTED ? [`          and ${total - PRINTED} more: --json`] : [];
  const failed = (key: FailingKey) =>
    `          ${named(key)}: ${times(key.attempts)}, ${since(key.since)}, ${nextTry(key, now)}: ${plain(key.lastError)}`;
  const hangs = (key: StuckKey) => {
    const how = key.node === undefined ? 'waits' : `worked on by ${plain(key.node)}`;
    return `          ${named(key)}: ${how} ${since(key.since)}`;
  };
  const what = `due for ${span(rule.waitingMs)}, or worked on for ${span(rule.workingMs)}`;
  return [
    ...nodes.first.slice(0, PRINTED).map((node, i) => {
      const self = node.self ? ' (this one)' : '';
      const beat = node.lastHeartbeat
        ? `, heart beat ${span(now - Date.parse(node.lastHeartbeat))} ago`
        : '';
      return `${i === 0 ? 'nodes     ' : '          '}${plain(node.node)}${self} ${since(node.since)}${beat}`;
    }),
    ...rest(nodes),
    `queue     ${queueText(engine, since)}`,
    `failing   ${failing.total === 0 ? 'nothing' : counted(failing.total, 'key')}`,
    ...failing.first.slice(0, PRINTED).map(failed),
    ...rest(failing),
    `stuck     ${stuck.total === 0 ? `nothing (${what})` : `${counted(stuck.total, 'key')} (${what})`}`,
    ...stuck.first.slice(0, PRINTED).map(hangs),
    ...rest(stuck),
  ];
}

function queueText({ reconcilers, leases }: EngineStatus, since: (time: string) => string): string {
  const waiting = reconcilers
    .filter(({ queued }) => queued > 0)
    .sort((a, b) => b.queued - a.queued);
  const sum = waiting.reduce((all, { queued }) => all + queued, 0);
  const later = reconcilers.reduce((all, one) => all + one.later, 0);
  const first = waiting.slice(0, PRINTED).map(({ name, queued, oldest }) => {
    return `${plain(name)} ${queued}${oldest === undefined ? '' : ` ${since(oldest)}`}`;
  });
  const more = waiting.length > PRINTED ? ', …' : '';
  const whose = sum === 0 ? '' : ` (${first.join(', ')}${more})`;
  return `${sum === 0 ? 'nothing waits' : `${sum} due`}${whose}, ${leases.total} at work, ${later} for later`;
}

const named = ({ reconciler, key }: { reconciler: string; key: string }) =>
  `${plain(reconciler)} ${plain(key)}`;

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
const times = (attempts: number) => `failed ${attempts === 1 ? 'once' : `${attempts} times`}`;

function nextTry({ nextTry }: FailingKey, now: number): string {
  const wait = Date.parse(nextTry) - now;
  return wait > 0 ? `next try in ${span(wait)}` : 'being tried';
}

/** Keys have names in them that others chose, and go to a terminal here. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
}

const UNITS = [
  ['day', 24 * 60 * 60],
  ['hour', 60 * 60],
  ['minute', 60],
] as const;

/** A length of time in its largest unit, rounded down. */
function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? ['second', 1];
  return counted(Math.floor(seconds / length), unit);
}
