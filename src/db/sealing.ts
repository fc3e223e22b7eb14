import type {
  ColumnUpdateNode,
  InsertQueryNode,
  KyselyPlugin,
  OnConflictNode,
  OperationNode,
  PluginTransformQueryArgs,
  PluginTransformResultArgs,
  QueryResult,
  RootOperationNode,
  UnknownRow,
  UpdateQueryNode,
  ValueNode,
} from 'kysely';
import type { Vault } from '../lib/vault.ts';
import { ValuesNode } from './kysely.ts';
import { Parameter } from './parameter.ts';

/**
 * Columns that lie encrypted, whatever table they are of: what users put in and nobody looks up, filters or sorts
 * by in SQL. A service's JSON column belongs under one of these names. Columns of other names are in the clear:
 * the names and ids by which resources are found.
 */
export const SEALED_COLUMNS: ReadonlySet<string> = new Set([
  'body',
  'cases',
  'content',
  'data',
  'declaration',
  'description',
  'document',
  'error_message',
  'event',
  'inputs',
  'labels',
  'policy',
  'principal',
  'run',
  'settings',
  'stages',
  'tags',
  'upload',
]);

/** What a sealed value begins with; no JSON does. */
const MARK = '~sealed1~';
const CONTEXT = 'database column';
/** What is read again and again is opened once: sealed and open texts that are remembered, in characters. */
const REMEMBERED = 8 * 1024 * 1024;
const LONGEST_REMEMBERED = 64 * 1024;

/**
 * Seals the columns of SEALED_COLUMNS on their way into the database, and opens them on their way out, so that
 * no store can forget to. It sees values where they are written (`values`, `set`); to compare such a column in SQL finds nothing.
 * @param vault known by the first statement that has something to seal
 */
export class SealingPlugin implements KyselyPlugin {
  readonly #vault: () => Vault;
  /** By the sealed text, which opens to the same for ever: a change is sealed anew. The oldest first. */
  readonly #opened = new Map<string, string>();
  #remembered = 0;

  constructor(vault: () => Vault) {
    this.#vault = vault;
  }

  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    if (node.kind === 'InsertQueryNode') return this.#insert(node);
    if (node.kind === 'UpdateQueryNode') return this.#update(node);
    return node;
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    for (const row of result.rows) {
      for (const name in row) {
        const value = row[name];
        if (typeof value === 'string' && value.startsWith(MARK))
          row[name] = this.#open(name, value);
      }
    }
    return result;
  }

  #insert(node: InsertQueryNode): InsertQueryNode {
    const sealed = node.columns?.map(({ column }) => SEALED_COLUMNS.has(column.name)) ?? [];
    if (!sealed.includes(true)) return node;
    const { values, onConflict } = node;
    return {
      ...node,
      ...(values && ValuesNode.is(values) && { values: this.#values(values, sealed) }),
      ...(onConflict && { onConflict: this.#onConflict(onConflict) }),
    };
  }

  #values(node: ValuesNode, sealed: boolean[]): ValuesNode {
    const rows = node.values.map((row) =>
      row.kind === 'PrimitiveValueListNode'
        ? { ...row, values: row.values.map((value, i) => (sealed[i] ? this.#seal(value) : value)) }
        : { ...row, values: row.values.map((value, i) => (sealed[i] ? this.#node(value) : value)) },
    );
    return { ...node, values: rows };
  }

  #onConflict(node: OnConflictNode): OnConflictNode {
    return node.updates ? { ...node, updates: this.#updates(node.updates) } : node;
  }

  #update(node: UpdateQueryNode): UpdateQueryNode {
    return node.updates ? { ...node, updates: this.#updates(node.updates) } : node;
  }

  #updates(updates: readonly ColumnUpdateNode[]): ColumnUpdateNode[] {
    return updates.map((update) =>
      SEALED_COLUMNS.has(columnName(update.column))
        ? { ...update, value: this.#node(update.value) }
        : update,
    );
  }

  #node(node: OperationNode): OperationNode {
    if (node.kind !== 'ValueNode') return node;
    const { value } = node as ValueNode;
    return { ...node, value: this.#seal(value) } as ValueNode;
  }

  #seal(value: unknown): unknown {
    if (value === null || value === undefined) return value;
    if (value instanceof Parameter) return value.through((its) => this.#seal(its));
    if (typeof value !== 'string') throw new TypeError('A sealed column takes text.');
    return MARK + this.#vault().seal(value, CONTEXT);
  }

  #remember(sealed: string, text: string): void {
    if (sealed.length > LONGEST_REMEMBERED) return;
    this.#opened.set(sealed, text);
    this.#remembered += sealed.length + text.length;
    for (const [oldest, its] of this.#opened) {
      if (this.#remembered <= REMEMBERED) return;
      this.#opened.delete(oldest);
      this.#remembered -= oldest.length + its.length;
    }
  }

  #open(name: string, value: string): string {
    const known = this.#opened.get(value);
    if (known !== undefined) return known;
    try {
      const text = this.#vault().open(value.slice(MARK.length), CONTEXT).toString('utf8');
      this.#remember(value, text);
      return text;
    } catch (error) {
      // A name that somebody chose to look like this.
      if (!SEALED_COLUMNS.has(name)) return value;
      throw new Error('A value in the database was changed, or sealed with another key.', {
        cause: error,
      });
    }
  }
}

function columnName(node: OperationNode): string {
  const { column } = node as { column?: { name?: string } & OperationNode };
  if (node.kind === 'ReferenceNode' && column) return columnName(column);
  return column?.name ?? '';
}
