import { BASE, hrefOf, type Place, placeOf } from './place.ts';
import { store } from './store.ts';

/** The address bar as a store: pages read it, links and the back button write it. */

const current = store(placeOf(location));
const changed = () => current.set(placeOf(location));
addEventListener('popstate', changed);
addEventListener('hashchange', changed);

export const usePlace = current.use;

/** Outside of components. */
export const placeNow = current.now;

/** @param to a path on this server, or a place of which what is not said stays as it is */
export function go(to: string | Partial<Place>, how: 'push' | 'replace' = 'push') {
  const href = typeof to === 'string' ? to : href_(to);
  if (how === 'replace') history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  changed();
  if (how === 'push') scrollTo(0, 0);
}

const href_ = (to: Partial<Place>) => hrefOf({ ...current.now(), fragment: '', ...to });

/** The address of a page, in the region where the user is: `href('codepipeline', '/view/NAME')`. */
export const href = (service: string, fragment = '') =>
  hrefOf({ service, fragment, region: current.now().region });

/** Whether an address is one that `go` can open without leaving the page. */
export function isOurs(address: string): boolean {
  const url = new URL(address, location.href);
  return url.origin === location.origin && url.pathname.startsWith(BASE);
}

/**
 * For `onFollow` of Cloudscape's components (who ask for none where the user wants a new tab): opens here what is ours.
 */
export function follow(event: CustomEvent<{ href?: string; external?: boolean }>) {
  const { href: address, external } = event.detail;
  if (address === undefined || external || !isOurs(address)) return;
  event.preventDefault();
  const url = new URL(address, location.href);
  go(url.pathname + url.search + url.hash);
}
