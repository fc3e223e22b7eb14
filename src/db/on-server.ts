import pg from 'pg';

/** One statement at a PostgreSQL server, for tests that make and drop databases. @param server its URL */
export async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
