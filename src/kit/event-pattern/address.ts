import { BlockList, isIP } from 'node:net';
import { refuse } from './errors.ts';

const V4_BITS = 32;
const V6_BITS = 128;

/** Is a text an address of this network, such as `10.0.0.0/24` or `2001:db8::/32`? @throws PatternError */
export function compileNetwork(cidr: string): (text: string) => boolean {
  const [address = '', mask = '', ...more] = cidr.split('/');
  if (!cidr.includes('/') || more.length > 0) refuse("Malformed CIDR, one '/' required");
  if (!/^-?\d+$/.test(mask)) refuse('Malformed CIDR, mask bits must be an integer');
  const bits = Number(mask);
  if (bits < 0) refuse('Malformed CIDR, mask bits must not be negative');
  const version = isIP(address);
  if (version === 0) refuse(`Nonstandard IP address: ${address}`);
  if (version === 4 && bits > V4_BITS) refuse('IPv4 mask bits must be < 32');
  if (bits > V6_BITS) refuse('IPv6 mask bits must be < 128');
  const network = new BlockList();
  const family = version === 4 ? 'ipv4' : 'ipv6';
  network.addSubnet(address, bits, family);
  return (text) => isIP(text) === version && network.check(text, family);
}
