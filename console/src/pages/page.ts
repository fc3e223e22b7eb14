import type { ComponentType } from 'react';

/** What a page is given: what its address has where its pattern has names, decoded, and the fragment's own query. */
export interface PageProps<Name extends string = never> {
  params: Record<Name, string>;
  query: URLSearchParams;
}

export interface Page {
  service: string;
  pattern: string;
  // biome-ignore lint/suspicious/noExplicitAny: a list of pages with different names in their patterns
  load: () => Promise<{ default: ComponentType<PageProps<any>> }>;
}

/** @param pattern of the fragment: `:name` is one segment, `*name` all that is left */
export const page = (service: string, pattern: string, load: Page['load']): Page => ({
  ...{ service, pattern, load },
});
