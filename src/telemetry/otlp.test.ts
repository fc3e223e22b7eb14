import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { sendTrace, TraceRefused } from './otlp.ts';
import type { Span, Trace } from './span.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function collector(listener: RequestListener) {
  const server = createServer(listener);
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/v1/traces`;
  return { url, headers: {}, timeoutMs: 2000, gzip: false, resource: {} };
}

const traceWith = (count: number): Trace => ({
  ...{ traceId: '0'.repeat(31).concat('1'), resource: {} },
  spans: Array.from(
    { length: count },
    (_, n): Span => ({
      ...{ spanId: String(n).padStart(16, '0'), name: 'n', kind: 'INTERNAL', result: 'success' },
      ...{ start: new Date(0), end: new Date(1), attributes: {} },
    }),
  ),
});

it('sends some hundred spans a request', async () => {
  const sizes: number[] = [];
  const settings = await collector(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    sizes.push(JSON.parse(body).resourceSpans[0].scopeSpans[0].spans.length);
    response.end();
  });
  await sendTrace(settings, traceWith(1100));
  expect(sizes).toEqual([512, 512, 76]);
});

it.each([
  [503, '', false],
  [429, '', false],
  [400, '', true],
  [302, '', true],
  [200, '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}', true],
])('knows from %i %s whether another try may help', async (status, body, lost) => {
  const settings = await collector((_, response) => {
    response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body);
  });
  const error = await sendTrace(settings, traceWith(1)).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(error instanceof TraceRefused).toBe(lost);
});

it('waits no longer than it is told, and reads no more than an answer has', async () => {
  const silent = await collector(() => {});
  await expect(sendTrace({ ...silent, timeoutMs: 50 }, traceWith(1))).rejects.toThrow(
    'The collector gives no answer',
  );
  const endless = await collector((_, response) => {
    const more = () => response.write('x'.repeat(65_536));
    response.on('drain', more);
    while (more());
  });
  await sendTrace(endless, traceWith(1));
});
