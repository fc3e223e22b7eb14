// The floor: a bare node:http server that reads the body and answers a JSON body of the size it is told.
import { createServer } from 'node:http';

const answer = JSON.stringify({
  pad: 'x'.repeat(Math.max(0, Number(process.argv[2] ?? 100) - 10)),
});

createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, {
      'content-type': 'application/x-amz-json-1.1',
      'content-length': answer.length,
    });
    response.end(answer);
  });
}).listen(0, '127.0.0.1', function (this: import('node:http').Server) {
  const address = this.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
