import { cookieOf } from './choose.ts';
import { cookieIn, type RawHeaders, valuesOf } from './headers.ts';
import type { StickyPlan } from './plan.ts';

/** The value of the cookie that says at which target a client is to stay, if it has what it needs to. */
export function stuckTo(raw: RawHeaders, { cookie, follows }: StickyPlan): string | undefined {
  // An application's cookie says how long: without it there is no session.
  if (follows !== undefined && cookieIn(raw, follows) === undefined) return undefined;
  return cookieIn(raw, cookie);
}

/** The cookies by which a client comes back to a target. @param stayed whether it came back now @param answer its headers */
export function stickingCookies(
  sticky: StickyPlan,
  { value, stayed, answer }: { value: string; stayed: boolean; answer: RawHeaders },
): string[] {
  const { cookie, seconds, follows, crossSite } = sticky;
  if (follows !== undefined && !stayed && !setsCookie(answer, follows)) return [];
  return cookiesOf(cookie, value, { seconds, crossSite });
}

/** The cookies that say at which group a client is to stay. */
export const groupCookies = (value: string, seconds: number): string[] =>
  cookiesOf('AWSALBTG', value, { seconds, crossSite: true });

function cookiesOf(
  name: string,
  value: string,
  { seconds, crossSite = false }: Pick<StickyPlan, 'seconds' | 'crossSite'>,
): string[] {
  const expires =
    seconds === undefined ? '' : ` Expires=${new Date(Date.now() + seconds * 1000).toUTCString()};`;
  const plain = `${name}=${value};${expires} Path=/`;
  return crossSite ? [plain, `${name}CORS=${value};${expires} Path=/; SameSite=None`] : [plain];
}

const setsCookie = (raw: RawHeaders, name: string): boolean =>
  valuesOf(raw, 'set-cookie').some((text) => text.trimStart().startsWith(`${name}=`));

/** What stands in the cookie for a target of a group. */
export const targetCookie = (balancer: string, group: string, target: string): string =>
  cookieOf(balancer, `${group} ${target}`);
