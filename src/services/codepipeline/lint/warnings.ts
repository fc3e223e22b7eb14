import type { CreatePipelineInput } from '@aws-sdk/client-codepipeline';
import type { Shaped } from '../../../kit/lint/shape.ts';
import type { Remark } from './remark.ts';

/** What the model and the guide say of a configuration value; the service has been seen to take fifty times that (CP-A10). */
const LONGEST_VALUE = 1000;

/** What works on one side alone, or is not what it seems. */
export function warnings({ value, strange }: Shaped): Remark[] {
  const unknown = strange.map(({ at, name, known }) => ({
    severity: 'warning' as const,
    code: 'UnknownMember',
    at: [...at, name],
    message: `There is no member "${name}" here: the aws command refuses it (it knows ${known.join(', ')}), the service ignores it`,
  }));
  return [...unknown, ...longValues(value as Partial<CreatePipelineInput> | undefined)];
}

function longValues(input: Partial<CreatePipelineInput> | undefined): Remark[] {
  return (input?.pipeline?.stages ?? []).flatMap((stage, s) =>
    (stage?.actions ?? []).flatMap((action, a) =>
      Object.entries(action?.configuration ?? {}).flatMap(([name, value]) =>
        typeof value === 'string' && value.length > LONGEST_VALUE
          ? [
              {
                severity: 'warning' as const,
                code: 'LongValue',
                at: ['pipeline', 'stages', s, 'actions', a, 'configuration', name],
                message: `The value of '${name}' has ${value.length} characters. AWS's guide allows ${LONGEST_VALUE}; the service, as Slipway does, has been seen to take up to 50000`,
              },
            ]
          : [],
      ),
    ),
  );
}
