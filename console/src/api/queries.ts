import { QueryClient } from '@tanstack/react-query';
import { isPassing } from './errors.ts';

/** Tests and the sign-out empty it. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => count < 2 && isPassing(error),
    },
  },
});

/** Of a cached answer: what live events look at (live/stale.ts). */
export type AwsKey = readonly [
  'aws',
  client: string,
  region: string,
  operation: string,
  input: object,
];
