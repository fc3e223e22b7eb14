import type { Route } from '../../../kit/service.ts';
import { bucketOfHost } from '../model/website.ts';

const common: Pick<Route, 'api' | 'operation' | 'path' | 'identity'> = {
  ...{ api: 's3', operation: 'GetWebsiteObject', path: '/{key*}', identity: { by: 'none' } },
};

/** Websites of buckets, at hosts of their own: whatever is asked there, and by whichever method, is for them. */
export const routes: Route[] = ['*.localhost', '*.amazonaws.com'].map((host) => ({
  ...common,
  host,
  // For everybody, and nothing that anybody could change.
  isPublic: true,
  when: ({ headers }) => bucketOfHost(headers.host) !== undefined,
  async handle(ctx, { request }) {
    // With the client package, which nothing needs before.
    const { serveWebsite } = await import('../website/serve.ts');
    return serveWebsite(ctx, request, bucketOfHost(request.headers.host) ?? '');
  },
}));
