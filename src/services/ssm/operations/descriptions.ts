import type { ParameterStringFilter, ParametersFilter } from '@aws-sdk/client-ssm';
import { unsupported } from '../../../aws/errors.ts';
import { validation } from '../errors.ts';
import { DEFAULT_LIMIT } from '../limits.ts';
import { parseFilters } from '../model/filters.ts';
import { parameterArn } from '../model/name.ts';
import { ssm } from './declare.ts';
import { asked, scan } from './pages.ts';
import { metadataOf } from './values.ts';

export const describeParameters = ssm('describeParameters', {}, async (ctx, input) => {
  if (input.Shared) throw unsupported('shared parameters');
  if (input.Filters?.length && input.ParameterFilters?.length) {
    throw validation('You can use either Filters or ParameterFilters in a single request.');
  }
  const filters = input.ParameterFilters ?? input.Filters?.map(newFilter);
  const page = await scan(ctx, {
    matches: parseFilters(filters, 'describe'),
    asked: asked(input, DEFAULT_LIMIT),
  });
  return {
    Parameters: page.items.map((p) => ({ ...metadataOf(p), ARN: parameterArn(ctx, p.name) })),
    ...(page.nextToken && { NextToken: page.nextToken }),
  };
});

/** The older kind of filter: by beginning of the name, or equal. */
const newFilter = ({ Key, Values }: ParametersFilter): ParameterStringFilter => ({
  Key,
  Values,
  Option: Key === 'Name' ? 'BeginsWith' : 'Equals',
});
