import type { IncomingMessage } from 'node:http';
import { valuesOf } from './headers.ts';
import type { RequestView } from './rules.ts';

/** A host without its port. */
export const bareHost = (host = '') => host.replace(/:\d+$/, '').toLowerCase();

/** A request as rules look at it. */
export function viewOf(request: IncomingMessage): RequestView {
  const { method = '', url = '/', headers, rawHeaders, socket } = request;
  const mark = url.indexOf('?');
  return {
    ...{ method, host: bareHost(headers.host), sourceIp: socket.remoteAddress ?? '' },
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    header: (name) => valuesOf(rawHeaders, name),
  };
}
