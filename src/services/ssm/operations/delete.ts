import type { ServiceContext } from '../../../kit/service.ts';
import { parameterNotFound } from '../errors.ts';
import { publishChange } from '../events.ts';
import { parameterArn } from '../model/name.ts';
import { deleteParameter as deleteRows, findParameter } from '../store.ts';
import { ssm } from './declare.ts';

async function remove(ctx: ServiceContext, name: string): Promise<boolean> {
  return ctx.transaction(async (tx) => {
    const parameter = await findParameter(tx, ctx, name);
    if (!parameter) return false;
    await deleteRows(tx, ctx, name);
    await publishChange(ctx, tx, 'Delete', parameter);
    return true;
  });
}

export const deleteParameter = ssm(
  'deleteParameter',
  {
    resource: (ctx, input) => parameterArn(ctx, input.Name ?? ''),
  },
  async (ctx, input) => {
    if (!(await remove(ctx, input.Name ?? ''))) throw parameterNotFound();
    return {};
  },
);

export const deleteParameters = ssm(
  'deleteParameters',
  {
    resource: (ctx, input) => (input.Names ?? []).map((name) => parameterArn(ctx, name)),
  },
  async (ctx, input) => {
    const DeletedParameters: string[] = [];
    const InvalidParameters: string[] = [];
    for (const name of new Set(input.Names)) {
      ((await remove(ctx, name)) ? DeletedParameters : InvalidParameters).push(name);
    }
    return { DeletedParameters, InvalidParameters };
  },
);
