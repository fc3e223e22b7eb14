import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { makeApp } from '../src/app.js';

const config = { greeting: 'Hello', version: '1.0', commit: '0123456789', signature: 'abcdefghij' };

async function get(path) {
  const server = makeApp(config).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const response = await fetch(`http://127.0.0.1:${server.address().port}${path}`);
    return { status: response.status, text: await response.text() };
  } finally {
    server.close();
  }
}

test('the page says greeting, version and commit', async () => {
  const { status, text } = await get('/');
  assert.equal(status, 200);
  assert.equal(text, 'Hello, version 1.0 of commit 0123456 (signed abcdefgh)\n');
});

test('any other path is not found', async () => {
  assert.equal((await get('/nothing')).status, 404);
});
