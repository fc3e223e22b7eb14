import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachDialect } from '../src/db/testing.ts';
import { BUILT, callAny, SERVICE_NAMES } from './any-call.ts';
import { inputsOf } from './hostile-input.ts';
import { makeKnown } from './known.ts';
import { startServer, type TestServer } from './server.ts';

/** Inputs to each operation. A thousand of each take a quarter of an hour. */
const RUNS = Number(process.env.SLIPWAY_TEST_RUNS ?? 10);

eachDialect(
  'no input makes a call fail for a reason that is ours',
  (makeDatabase, dialect, _, place) => {
    let server: TestServer;
    let known: Record<string, string>;

    beforeAll(async () => {
      const env: Record<string, string> = {};
      if (dialect === 'postgres') {
        await makeDatabase();
        const options = place();
        if (options.dialect === 'postgres') env.SLIPWAY_DATABASE = options.url;
      }
      server = await startServer({ flags: ['--auth', 'relaxed'], env });
      known = await makeKnown(server, server);
    });
    afterAll(async () => {
      await server?.stop();
    });

    test.each(SERVICE_NAMES)('%s', { timeout: 300_000 }, async (service) => {
      const before = server.log().length;
      for (const { api, name, schema } of BUILT.filter((one) => one.service === service)) {
        const anyType = /json$/.test(api.protocols[0].dialect);
        const inputs = inputsOf(schema, { api: api.contract ?? api.name, known, anyType });
        await fc.assert(
          fc.asyncProperty(inputs, async (input) => {
            const from = server.log().length;
            const { status, code } = await callAny(server, server, api, name, input);
            const ours = status >= 500 && status !== 501;
            expect(ours ? `${name}: ${status} ${code} ${server.log().slice(from)}` : '').toBe('');
          }),
          { numRuns: RUNS },
        );
      }
      expect(server.log().slice(before)).not.toContain('"level":50');
    });
  },
);
