import { flushPacket, type PushHead, packet } from './pkt-line.ts';
import type { ReferenceLostError } from './reference-lost.ts';

/** Data of one packet of a side band: its length is four hex digits, with themselves and the band. */
const SIDE_BAND = { 'side-band-64k': 65_515, 'side-band': 995 } as const;
const DATA_BAND = Buffer.from([1]);
/** A line has room for this, whatever it says beside the name. */
const LONGEST_REASON = 2_000;
const LONGEST_LINE = 65_000;

export interface RefusedCommand {
  name: string;
  reason: string;
}

/**
 * What receive-pack answers to a push of which nothing is done: `! [remote rejected] main (reason)` at the client.
 * gitprotocol-pack(5), Report Status.
 * @returns undefined for a client that takes no report
 */
export function refusalReport(
  refused: Iterable<RefusedCommand>,
  capabilities: readonly string[],
): Buffer | undefined {
  const can = (name: string) => capabilities.includes(name);
  if (!can('report-status') && !can('report-status-v2')) return undefined;
  const lines = [packet('unpack ok\n')];
  for (const each of refused) lines.push(packet(refusalLine(each)));
  const report = Buffer.concat([...lines, flushPacket]);
  const room = can('side-band-64k')
    ? SIDE_BAND['side-band-64k']
    : can('side-band')
      ? SIDE_BAND['side-band']
      : undefined;
  return room === undefined ? report : inBand(report, room);
}

/**
 * The same of a push that came too late: git had moved its references, and another server one of them before that was durable.
 * In git's words for those that a push of its own loses to another.
 */
export function lostReport(
  { commands, capabilities }: PushHead,
  { reference }: ReferenceLostError,
): Buffer | undefined {
  const lost = commands.find(({ name }) => Buffer.from(name).toString('latin1') === reference);
  const refused = commands.map((command) => ({
    name: command.name,
    reason:
      command === lost || !lost
        ? 'failed to update ref'
        : `not pushed, since ${lost.name} was lost`,
  }));
  return refusalReport(refused, capabilities);
}

function refusalLine({ name, reason }: RefusedCommand): string {
  const shown = reason.replace(/\s+/g, ' ').slice(0, LONGEST_REASON);
  const line = `ng ${name} ${shown}\n`;
  // A name is at most as long as the line was that it came in.
  return Buffer.byteLength(line) > LONGEST_LINE ? `ng ${name} refused\n` : line;
}

function inBand(report: Buffer, room: number): Buffer {
  const packets: Buffer[] = [];
  for (let at = 0; at < report.length; at += room) {
    packets.push(packet(Buffer.concat([DATA_BAND, report.subarray(at, at + room)])));
  }
  return Buffer.concat([...packets, flushPacket]);
}
