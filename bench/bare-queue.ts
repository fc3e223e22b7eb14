// The floor of the SQS benchmark: a queue as one writes it by hand, in one table of SQLite behind node:http. It knows no
// accounts, signatures, attributes or encryption; a message is received by one and hidden for half a minute.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const VISIBILITY_MS = 30_000;
const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
const database = new DatabaseSync(join(directory, 'queue.db'));
// As the server has its own.
database.exec(`
  pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -16000;
  pragma wal_autocheckpoint = 4000;
  create table message (id text primary key, visible_at integer not null, body text not null);
  create index message_visible on message (visible_at);`);
const insert = database.prepare('insert into message values (?, ?, ?)');
const take = database.prepare(`
  update message set visible_at = ? where id in
    (select id from message where visible_at <= ? order by visible_at limit ?) returning id, body`);
const remove = database.prepare('delete from message where id = ?');

/** What a call asks for. */
interface Asked {
  send?: string;
  receive?: number;
  delete?: string;
}

function answer(asked: Asked): object {
  const now = Date.now();
  if (asked.send !== undefined) {
    const id = randomUUID();
    insert.run(id, now, asked.send);
    return { id };
  }
  if (asked.receive !== undefined) return take.all(now + VISIBILITY_MS, now, asked.receive);
  remove.run(asked.delete ?? '');
  return {};
}

createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const text = JSON.stringify(answer(JSON.parse(body)));
    response.writeHead(200, { 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
}).listen(0, '127.0.0.1', function (this: import('node:http').Server) {
  const address = this.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});

process.on('SIGTERM', () => {
  rmSync(directory, { recursive: true, force: true });
  process.exit();
});
