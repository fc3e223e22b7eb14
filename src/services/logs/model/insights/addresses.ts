import { BlockList, isIP } from 'node:net';

/** Whether a text is an address of this family; 0 for either. */
export function isAddress(text: string, family: 0 | 4 | 6): boolean {
  const found = isIP(text);
  return family === 0 ? found !== 0 : found === family;
}

/** Whether an address is in a subnet such as `10.0.0.0/8` of this family; undefined for what is no subnet of it. */
export function subnetTest(
  subnet: string,
  family: 0 | 4 | 6,
): ((address: string) => boolean) | undefined {
  const [, network = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(subnet) ?? [];
  const kind = isIP(network);
  if (kind === 0 || (family !== 0 && kind !== family)) return undefined;
  if (Number(bits) > (kind === 4 ? 32 : 128)) return undefined;
  const type = kind === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), type);
  return (address) => isIP(address) === kind && list.check(address, type);
}
