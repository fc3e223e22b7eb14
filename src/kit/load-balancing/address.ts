import { createHash } from 'node:crypto';

/** Which part of 127.64.0.0/10 a kind of load balancers has for its own, so that no two have one address. */
const FIRST = { elbv2: 64, elb: 96 };

/** Where a balancer listens: another address for each try, should one be taken. */
export function addressOf(kind: keyof typeof FIRST, name: string, attempt: number): string {
  const [a = 0, b = 0, c = 0] = createHash('sha256').update(`${name} ${attempt}`).digest();
  return `127.${FIRST[kind] + (a % 32)}.${b}.${1 + (c % 254)}`;
}
