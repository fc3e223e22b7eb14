import { at, atEach } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { parameterNotFound } from '../errors.ts';
import { publishChange } from '../events.ts';
import { parameter } from '../resources/parameter.ts';
import { deleteParameter as deleteRows, findParameter } from '../store/parameters.ts';
import { ssm } from './declare.ts';

async function remove(ctx: ServiceContext, name: string): Promise<boolean> {
  return ctx.transaction(async (tx) => {
    const found = await findParameter(tx, ctx, name);
    if (!found) return false;
    await deleteRows(tx, ctx, name);
    await publishChange(ctx, tx, 'Delete', found);
    return true;
  });
}

export const deleteParameter = ssm(
  'deleteParameter',
  at(parameter, ({ Name }) => Name),
  async (ctx, input) => {
    if (!(await remove(ctx, input.Name ?? ''))) throw parameterNotFound();
    return {};
  },
);

export const deleteParameters = ssm(
  'deleteParameters',
  atEach(parameter, ({ Names }) => Names ?? []),
  async (ctx, input) => {
    const DeletedParameters: string[] = [];
    const InvalidParameters: string[] = [];
    for (const name of new Set(input.Names)) {
      ((await remove(ctx, name)) ? DeletedParameters : InvalidParameters).push(name);
    }
    return { DeletedParameters, InvalidParameters };
  },
);
