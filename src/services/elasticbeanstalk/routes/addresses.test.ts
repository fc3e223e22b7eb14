import { describe, expect, test } from 'vitest';
import { toApplication, toClient } from './addresses.ts';

const from = { remoteAddress: '192.0.2.7', endpoint: 'https://front:99999' };

describe('what is handed on between a client and an application', () => {
  test('headers of one connection stay, and those that Connection names', () => {
    const headers = {
      ...{ host: 'front', connection: 'keep-alive, X-Mine, Host', 'x-mine': '1', te: 'trailers' },
      ...{ expect: '100-continue', upgrade: 'h2c', cookie: 'a=b', 'x-forwarded-for': '10.0.0.1' },
    };
    expect(toApplication({ headers, ...from })).toEqual({
      ...{ host: 'front', cookie: 'a=b', 'x-forwarded-for': '10.0.0.1, 192.0.2.7' },
      'x-forwarded-proto': 'https',
    });
  });

  test('a body whose length is not known has a frame, whatever the method', () => {
    const headers = { 'transfer-encoding': 'chunked' };
    const sent = toApplication({ headers, ...from });
    expect(sent['transfer-encoding']).toBe('chunked');
  });

  test('several cookies stay several', () => {
    const cookies = ['a=1', 'b=2'];
    expect(
      toClient({ 'set-cookie': cookies, connection: 'close, x-own', 'x-own': '1', etag: 'e' }),
    ).toEqual({ 'set-cookie': cookies, etag: 'e' });
  });
});
