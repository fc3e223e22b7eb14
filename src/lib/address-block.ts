import { BlockList, isIP } from 'node:net';

/** Is it an IP address, or a block of them such as `10.0.0.0/8`? */
export function isAddressBlock(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= widthOf(family));
}

const widthOf = (family: number) => (family === 4 ? 32 : 128);

/** The addresses of all these blocks. @param blocks each as `isAddressBlock` takes it */
export function blockList(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', bits] = block.split('/');
    const family = isIP(address);
    list.addSubnet(address, Number(bits ?? widthOf(family)), family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
