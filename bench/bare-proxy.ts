// The floor of the balancer's benchmark: the shortest proxy that node:http makes, over kept connections; and, without an
// argument, the target of both, which answers a small page.
import { Agent, createServer, type RequestListener, request as send } from 'node:http';

const [target] = process.argv.slice(2);
const page = 'a page of a hundred bytes '.repeat(4).slice(0, 100);
const agent = new Agent({ keepAlive: true });

const answering: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': page.length });
  response.end(page);
};

const forwarding: RequestListener = (request, response) => {
  const { method, url, headers } = request;
  const to = { host: '127.0.0.1', port: Number(target), method, path: url, headers, agent };
  const out = send(to, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  out.on('error', () => response.destroy());
  request.pipe(out);
};

const server = createServer(target === undefined ? answering : forwarding);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
