import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A span as a collector gets it, with the attributes of its resource. */
export interface CollectedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status: { code?: number; message?: string };
  attributes: Record<string, string>;
  resource: Record<string, string>;
}

export interface Collector {
  url: string;
  /** Of requests that it has taken. */
  spans: CollectedSpan[];
  /** Ids of the traces of those that it has not. */
  refused: string[];
  requests: { path: string; headers: IncomingHttpHeaders }[];
  /** What it answers; 200 at first. */
  status: number;
  close(): void;
}

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: string };
}

const valuesOf = (attributes: Attribute[]) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? '']),
  );

/** A collector of OpenTelemetry's that understands OTLP/JSON, on a free loopback port. */
export async function startCollector(): Promise<Collector> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const sent = Buffer.concat(parts);
    const zipped = request.headers['content-encoding'] === 'gzip';
    const { resourceSpans } = JSON.parse((zipped ? gunzipSync(sent) : sent).toString());
    const { url: path = '', headers } = request;
    collector.requests.push({ path, headers });
    for (const { resource, scopeSpans } of resourceSpans)
      for (const span of scopeSpans[0].spans) {
        if (collector.status !== 200) collector.refused.push(span.traceId);
        else
          collector.spans.push({
            ...span,
            attributes: valuesOf(span.attributes),
            resource: valuesOf(resource.attributes),
          });
      }
    response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const collector: Collector = {
    ...{ url: `http://127.0.0.1:${port}`, spans: [], refused: [], requests: [], status: 200 },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return collector;
}
