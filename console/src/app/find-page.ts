import { pages } from '../pages/index.ts';
import type { Page } from '../pages/page.ts';
import { type Match, match } from './place.ts';

/** The page of an address; undefined where there is none. */
export function findPage(service: string, fragment: string): (Match & { page: Page }) | undefined {
  for (const page of pages) {
    if (page.service !== service) continue;
    const found = match(page.pattern, fragment);
    if (found) return { page, ...found };
  }
  return undefined;
}

/** Whether an address shows something: without a fragment, where its service begins. */
export const hasPage = (service: string, fragment: string): boolean =>
  findPage(service, fragment) !== undefined ||
  (fragment === '' && firstPage(service) !== undefined);

/** Where a service begins: its first page without names, for an address that has no fragment. */
export const firstPage = (service: string): string | undefined =>
  pages.find(
    (page) => page.service === service && !/[:*][a-zA-Z]/.test(page.pattern.replace(/^\w+:/, '')),
  )?.pattern;
