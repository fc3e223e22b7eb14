import { expect, test } from 'vitest';
import { pickVariables, withoutProxyFor } from './network-environment.ts';

const env = {
  https_proxy: 'http://proxy:3128',
  NO_PROXY: 'internal',
  SSL_CERT_FILE: '/etc/ca.pem',
  SECRET: 'x',
  OPTION: 'y',
};

test('the variables that are named are picked; network stands for proxies and certificates', () => {
  expect(pickVariables('', env)).toEqual({});
  expect(pickVariables('network, OPTION', env)).toEqual({
    https_proxy: 'http://proxy:3128',
    NO_PROXY: 'internal',
    SSL_CERT_FILE: '/etc/ca.pem',
    OPTION: 'y',
  });
  expect(() => pickVariables('NONE', env)).toThrow('NONE is not set');
});

test('no proxy stands between a build and the server', () => {
  expect(withoutProxyFor(['127.0.0.1'], { https_proxy: 'p', NO_PROXY: 'internal' })).toEqual({
    https_proxy: 'p',
    NO_PROXY: 'internal,127.0.0.1',
    no_proxy: 'internal,127.0.0.1',
  });
  expect(withoutProxyFor(['127.0.0.1'], { SSL_CERT_FILE: 'f' })).toEqual({ SSL_CERT_FILE: 'f' });
});
