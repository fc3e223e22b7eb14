import type { ComponentType } from 'react';

/**
 * What a page is given: what its address has where its pattern has names, decoded, and the fragment's own query.
 * `Maybe`: names that only some of the patterns have under which it is registered.
 */
export interface PageProps<Name extends string = never, Maybe extends string = never> {
  params: Record<Name, string> & Partial<Record<Maybe, string>>;
  query: URLSearchParams;
}

export interface Page {
  service: string;
  pattern: string;
  // biome-ignore lint/suspicious/noExplicitAny: each has its own names, which its pattern has to have
  load: () => Promise<{ default: ComponentType<any> }>;
}

/** @param pattern of the fragment: `:name` is one segment, `*name` all that is left */
export const page = (service: string, pattern: string, load: Page['load']): Page => ({
  ...{ service, pattern, load },
});
