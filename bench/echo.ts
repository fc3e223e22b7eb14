// The floors of the GetPipeline benchmark: bare node:http servers that read the body and answer a JSON body of the size
// that they are told. `working` does before it answers what no signed call can do without: it looks the answer up in
// SQLite, and computes the hashes of a signature by Node's own functions.
import { createHmac, createSecretKey, hash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';

const [size = '100', work] = process.argv.slice(2);
const answer = JSON.stringify({ pad: 'x'.repeat(Math.max(0, Number(size) - 10)) });

const key = createSecretKey(randomBytes(32));
const database = new DatabaseSync(':memory:');
database.exec('create table answer (name text primary key, body text) strict');
database.prepare('insert into answer values (?, ?)').run('bench', answer);
const find = database.prepare('select body from answer where name = ?');

/** As SigV4 does: a hash of the body, one of a canonical request that is as long as GetPipeline's, a HMAC. */
function lookUp(body: string): string {
  const canonical = `${'c'.repeat(400)}${hash('sha256', body)}`;
  createHmac('sha256', key).update(hash('sha256', canonical)).digest('hex');
  return String(find.get(JSON.parse(body).name)?.body);
}

createServer((request, response) => {
  let body = '';
  if (work === 'working')
    request.on('data', (chunk) => {
      body += chunk;
    });
  else request.resume();
  request.on('end', () => {
    const text = work === 'working' ? lookUp(body) : answer;
    response.writeHead(200, {
      'content-type': 'application/x-amz-json-1.1',
      'content-length': text.length,
    });
    response.end(text);
  });
}).listen(0, '127.0.0.1', function (this: import('node:http').Server) {
  const address = this.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
