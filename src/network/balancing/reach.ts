import { isIP } from 'node:net';
import { blockList } from '../../lib/address-block.ts';
import { makeReach, type ReachRules } from '../reachable.ts';

/** The balancers' own addresses, one each. */
export const BALANCERS = '127.64.0.0/10';

const PRIVATE = blockList([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
]);
const LOOPBACK = blockList(['127.0.0.0/8', '::1']);
const OWN = blockList([BALANCERS]);
const NEVER = blockList([
  '169.254.0.0/16',
  'fe80::/10',
  '0.0.0.0/8',
  '224.0.0.0/3',
  '::/128',
  'ff00::/8',
]);

const has = (list: ReturnType<typeof blockList>, address: string) =>
  list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');

/** @param target `ours`: at an address that the fleet says, and nobody who asks */
export type TargetReach = (target: { address: string; port: number; ours: boolean }) => boolean;

/**
 * Tells which targets may be reached. Programs on this machine, where nobody else reaches the server either; what
 * `--allow-internal-targets` names; the fleet's machines. Link-local addresses never (clouds answer a machine with its
 * credentials there), nor what would lead back: the server's own ports, and the balancers'.
 * @param isOwnPort of this machine's ports: is it one that the server itself listens on?
 */
export function makeTargetReach(
  rules: Pick<ReachRules, 'allowed' | 'loopback'> & { isOwnPort(port: number): boolean },
): TargetReach {
  const { isOwnPort, ...given } = rules;
  const reach = makeReach({ ...given, ownPort: () => -1 });
  const named = blockList(rules.allowed);
  // What the rules say of an address does not change, and is asked with each request.
  const judged = new Map<string, Judged>();
  const judge = (address: string, ours: boolean): Judged => {
    if (isIP(address) === 0 || has(NEVER, address) || has(OWN, address)) return NO;
    // The same address in other words.
    if (isIP(address) === 6 && /^::ffff:/i.test(address)) return NO;
    const local = has(LOOPBACK, address);
    if (ours && (local ? rules.loopback : has(PRIVATE, address))) return { may: true, local };
    // The internet's addresses are no targets, as at AWS.
    return { may: (local || has(named, address)) && reach(address, 0), local };
  };
  return ({ address, port, ours }) => {
    const key = `${ours} ${address}`;
    let found = judged.get(key);
    if (!found) {
      if (judged.size >= MOST_JUDGED) judged.clear();
      found = judge(address, ours);
      judged.set(key, found);
    }
    return found.may && !(found.local && isOwnPort(port));
  };
}

interface Judged {
  may: boolean;
  /** Of this machine. */
  local: boolean;
}
const NO: Judged = { may: false, local: false };
const MOST_JUDGED = 10_000;
