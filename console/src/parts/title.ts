import { useEffect, useSyncExternalStore } from 'react';
import { href } from '../app/router.ts';

/** A step on the way to a page; the last has no address of its own. */
export interface Crumb {
  text: string;
  service?: string;
  fragment?: string;
}

export interface Title {
  /** Of the page. */
  text: string;
  crumbs: readonly Crumb[];
  /** Of the side navigation's link that is lit; what the first crumb says where there is one. */
  service?: string | undefined;
  section?: string | undefined;
}

const NONE: Title = { text: '', crumbs: [] };
let now: Title = NONE;
const listeners = new Set<() => void>();

export const useTitle = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => now,
  );

/** Names the page: in the tab, the breadcrumbs and the side navigation. */
export function useNamed(text: string, crumbs: readonly Crumb[]) {
  const key = JSON.stringify([text, crumbs]);
  useEffect(() => {
    const [named, way] = JSON.parse(key) as [string, Crumb[]];
    const first = way.find(({ fragment }) => fragment !== undefined);
    now = { text: named, crumbs: way, service: first?.service, section: first?.fragment };
    document.title = named === '' ? 'Slipway' : `${named} | Slipway`;
    for (const listener of listeners) listener();
    return () => {
      now = NONE;
    };
  }, [key]);
}

export const crumbsOf = ({ text, crumbs }: Title) => [
  { text: 'Slipway', href: href('home') },
  ...crumbs.map((crumb) => ({
    text: crumb.text,
    href: crumb.service === undefined ? '' : href(crumb.service, crumb.fragment),
  })),
  { text, href: '' },
];
