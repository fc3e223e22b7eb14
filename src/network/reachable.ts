import { type BlockList, isIP } from 'node:net';
import { blockList } from '../lib/address-block.ts';

/** Where requests that users configure may go. */
export interface ReachRules {
  /** `--allow-internal-targets`: addresses and CIDR blocks besides those of the internet. */
  allowed: readonly string[];
  /** Whether programs on this machine may be reached: where nobody else reaches the server either. */
  loopback: boolean;
  /** The server's own port, which the rule for loopback opens to nobody. */
  ownPort(): number;
}

/** What is no address of the internet's: https://www.iana.org/assignments/iana-ipv4-special-registry */
const INTERNAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  // The platform of Azure, which answers machines there alone.
  '168.63.129.16/32',
];

/**
 * The internet's addresses are in here; loopback, link-local, unique local, multicast, and those that hold an IPv4
 * address (`::ffff:0:0/96`, NAT64's `64:ff9b::/96`), by which any of them could be said another way, are not.
 */
const GLOBAL_V6 = '2000::/3';

/** https://www.iana.org/assignments/iana-ipv6-special-registry: Teredo and others, documentation, 6to4. */
const INTERNAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const LINK_LOCAL = blockList(['169.254.0.0/16', 'fe80::/10']);
const LOOPBACK = blockList(['127.0.0.0/8', '::1']);
const SELF_V6 = blockList(['::1']);
const HOLDING_V4 = blockList(['::/80']);
const INTERNAL = blockList([...INTERNAL_V4, ...INTERNAL_V6]);
const GLOBAL = blockList([GLOBAL_V6]);

/**
 * Tells which addresses may be reached. Of link-local ones, where clouds answer a machine with its credentials, those alone
 * that a block within them names: `0.0.0.0/0` opens none.
 */
export function makeReach(rules: ReachRules): (address: string, port: number) => boolean {
  const [local, wide] = partition(rules.allowed, (block) => has(LINK_LOCAL, baseOf(block)));
  const [named, others] = [blockList(local), blockList(wide)];
  return (address, port) => {
    if (isIP(address) === 0) return false;
    // The same address in the words of IPv6, which a block for IPv4 would take for its own.
    if (isMapped(address)) return false;
    if (has(LINK_LOCAL, address)) return has(named, address);
    if (has(others, address)) return true;
    if (has(LOOPBACK, address)) return rules.loopback && port !== rules.ownPort();
    return isPublic(address);
  };
}

const isPublic = (address: string) =>
  !has(INTERNAL, address) && (isIP(address) === 4 || has(GLOBAL, address));

/** `::ffff:127.0.0.1`, and the older `::127.0.0.1`, beside which `::1` lies. */
const isMapped = (address: string) =>
  isIP(address) === 6 && has(HOLDING_V4, address) && !has(SELF_V6, address);

const baseOf = (block: string) => block.replace(/\/.*$/s, '');

const has = (list: BlockList, address: string) =>
  list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');

function partition<T>(list: readonly T[], test: (one: T) => boolean): [T[], T[]] {
  return [list.filter(test), list.filter((one) => !test(one))];
}
