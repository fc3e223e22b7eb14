import * as client from '@aws-sdk/client-codestar-connections';
import type { StaticOperationSchema, StaticStructureSchema } from '@smithy/types';
import { apiOf } from '../api.ts';
import type { Api } from '../protocols/protocol.ts';

/*
 * The wire schemas of AWS CodeConnections. It has a client package of its own, which is not needed: the API is CodeStar
 * Connections' by another name, with one member more.
 * https://docs.aws.amazon.com/codeconnections/latest/APIReference/API_Operations.html
 */

const before = apiOf(client);

/** Shapes that have `PullRequestComment` here. */
const COMMENTED = new Set([
  'CreateSyncConfigurationInput',
  'UpdateSyncConfigurationInput',
  'SyncConfiguration',
]);

type Schema = StaticStructureSchema | (() => unknown) | readonly unknown[] | number;

/** A schema, and those in it, as this API has them. */
function renewed(schema: Schema): Schema {
  if (typeof schema === 'function') return () => renewed(schema() as Schema);
  if (!Array.isArray(schema)) return schema;
  const [kind, namespace, name, traits, ...rest] = schema;
  if (kind === 1) return [kind, namespace, name, traits, renewed(rest[0] as Schema)];
  if (kind !== 3) return schema;
  const [names, members, required] = rest as [string[], Schema[], number];
  const own = COMMENTED.has(name as string) ? ['PullRequestComment'] : [];
  const schemas = [...members.map(renewed), ...own.map(() => 0)];
  return [kind, namespace, name, traits, [...names, ...own], schemas, required];
}

function renewedOperation(schema: StaticOperationSchema): StaticOperationSchema {
  const [kind, namespace, name, traits, input, output] = schema;
  const of = (shape: unknown) => renewed(shape as Schema);
  return [kind, namespace, name, traits, of(input), of(output)] as never;
}

export const api: Api = {
  ...before,
  name: 'codeconnections',
  contract: 'codeconnections',
  targetPrefix: 'com.amazonaws.codeconnections.CodeConnections_20231201',
  version: '2023-12-01',
  operations: Object.fromEntries(
    Object.entries(before.operations).map(([name, schema]) => [name, renewedOperation(schema)]),
  ),
};
