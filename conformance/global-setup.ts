import { startPostgres } from './postgres.ts';

/**
 * Gives the tests a PostgreSQL server where one can be had, unless SLIPWAY_TEST_POSTGRES names one already
 * or is `none`, and says so where not.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.SLIPWAY_TEST_POSTGRES;
  if (given === 'none') delete process.env.SLIPWAY_TEST_POSTGRES;
  if (given) return undefined;
  const cluster = await startPostgres();
  if ('skipped' in cluster) {
    process.stderr.write(`Tests on PostgreSQL are skipped: ${cluster.skipped}.\n`);
    return undefined;
  }
  process.env.SLIPWAY_TEST_POSTGRES = cluster.url;
  return () => cluster.stop();
}
