import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What a man in the middle sees of a request. */
export interface Seen {
  path: string;
  /** Of AWS's JSON protocols, such as `PollHostCommand`. */
  operation?: string;
}

/** Gives what the client gets instead of a body; undefined lets it pass. */
export type Swap = (seen: Seen, body: Buffer) => Buffer | undefined;

/** Headers with sums of the body: whoever swaps that swaps them. */
const CHECKSUM = 'x-amz-checksum-';

/** Passes everything on to a server, but for the answers that it swaps. */
export async function startManInTheMiddle(serverEndpoint: string) {
  const { hostname, port } = new URL(serverEndpoint);
  let swap: Swap = () => undefined;
  const proxy = createServer(async (incoming, outgoing) => {
    try {
      const { method, url = '/', headers } = incoming;
      // The Host header stays the client's: it is signed.
      const sent = request({ hostname, port, method, path: url, headers });
      incoming.pipe(sent);
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      const body = await buffer(answer);
      const operation = String(headers['x-amz-target'] ?? '').split('.')[1];
      const swapped = swap({ path: url, operation }, body);
      const kept = Object.entries(answer.headers).filter(
        ([name]) => name !== 'transfer-encoding' && !(swapped && name.startsWith(CHECKSUM)),
      );
      const given = swapped ?? body;
      outgoing.writeHead(answer.statusCode ?? 500, {
        ...Object.fromEntries(kept),
        'content-length': given.length,
      });
      outgoing.end(given);
    } catch {
      outgoing.destroy();
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    become(evil: Swap) {
      swap = evil;
    },
    close() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
