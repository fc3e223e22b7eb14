import { createHash } from 'node:crypto';

/** Which part of 127.64.0.0/10 a kind of load balancers has for its own, so that no two have one address. */
const FIRST = { elbv2: 64, elb: 96 };

/** AWS's zone for names of load balancers of a Region; any is as good here, where no DNS is. */
export const HOSTED_ZONE = 'Z35SXDOTRQ7X7K';

/** Where a balancer is to listen: one that no other has. */
export async function freeAddress(
  kind: keyof typeof FIRST,
  name: string,
  isTaken: (address: string) => Promise<boolean>,
): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const address = addressOf(kind, name, attempt);
    if (!(await isTaken(address))) return address;
  }
}

function addressOf(kind: keyof typeof FIRST, name: string, attempt: number): string {
  const [a = 0, b = 0, c = 0] = createHash('sha256').update(`${name} ${attempt}`).digest();
  return `127.${FIRST[kind] + (a % 32)}.${b}.${1 + (c % 254)}`;
}
