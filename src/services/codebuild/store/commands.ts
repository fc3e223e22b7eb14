import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { SandboxCommand } from '../model/sandbox-command.ts';
import { buildKey } from '../reconcilers/names.ts';
import type { Owner } from './tables.ts';

interface CommandRow {
  account_id: string;
  region: string;
  sandbox_id: string;
  number: number;
  id: string;
  asked: number;
  body: string;
}

type Body = Omit<SandboxCommand, 'id' | 'number' | 'asked'>;
const BODY = defineDocument<Body>();

const tables = (db: Db | Tx) => db.withTables<{ codebuild_command: CommandRow }>();

const commandsOf = (db: Db | Tx, { accountId, region }: Owner, sandboxId: string) =>
  tables(db)
    .selectFrom('codebuild_command')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('sandbox_id', '=', sandboxId);

/** @returns the command with the next number of its sandbox */
export async function insertCommand(
  tx: Tx,
  owner: Owner,
  sandboxId: string,
  { id, ...body }: Body & { id: string },
): Promise<SandboxCommand> {
  const last = await commandsOf(tx, owner, sandboxId)
    .select((e) => e.fn.max<number | string | null>('number').as('last'))
    .executeTakeFirstOrThrow();
  const number = Number(last.last ?? 0) + 1;
  await tables(tx)
    .insertInto('codebuild_command')
    .values({
      ...{ account_id: owner.accountId, region: owner.region, sandbox_id: sandboxId },
      ...{ number, id, asked: 0, body: BODY.encode(body) },
    })
    .execute();
  return { id, number, asked: false, ...body };
}

export async function findCommands(
  db: Db | Tx,
  owner: Owner,
  sandboxId: string,
  ids: readonly string[],
): Promise<SandboxCommand[]> {
  if (ids.length === 0) return [];
  const rows = await commandsOf(db, owner, sandboxId).selectAll().where('id', 'in', ids).execute();
  return rows.map(commandOf);
}

/** Those that the sandbox has not been told of, in their order. */
export async function unasked(
  db: Db | Tx,
  owner: Owner,
  sandboxId: string,
): Promise<SandboxCommand[]> {
  const rows = await commandsOf(db, owner, sandboxId)
    .selectAll()
    .where('asked', '=', 0)
    .orderBy('number')
    .execute();
  return rows.map(commandOf);
}

export async function listCommands(
  db: Db,
  owner: Owner,
  sandboxId: string,
  asked: { order: 'asc' | 'desc'; after: readonly [number, string] | undefined; limit: number },
): Promise<SandboxCommand[]> {
  const rows = await commandsOf(db, owner, sandboxId)
    .selectAll()
    .where(behind(['number', 'id'], asked.order, asked.after))
    .orderBy('number', asked.order)
    .orderBy('id', asked.order)
    .limit(asked.limit)
    .execute();
  return rows.map(commandOf);
}

export async function updateCommand(
  tx: Tx,
  owner: Owner,
  sandboxId: string,
  { id, number, asked, ...body }: SandboxCommand,
): Promise<void> {
  await tables(tx)
    .updateTable('codebuild_command')
    .set({ asked: asked ? 1 : 0, body: BODY.encode(body) })
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('sandbox_id', '=', sandboxId)
    .where('number', '=', number)
    .execute();
}

/** Keys of sandboxes that are to be told of commands. */
export async function keysWithUnasked(db: Db, limit: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('codebuild_command')
    .select(['account_id', 'region', 'sandbox_id'])
    .distinct()
    .where('asked', '=', 0)
    .limit(limit)
    .execute();
  return rows.map((row) =>
    buildKey({ accountId: row.account_id, region: row.region }, row.sandbox_id),
  );
}

function commandOf({ id, number, asked, body }: CommandRow): SandboxCommand {
  return { id, number: Number(number), asked: asked === 1, ...BODY.decode(body) };
}
