import type { Tx } from '../../../db/database.ts';
import { at } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { parameterNotFound, tooManyLabels, versionNotFound } from '../errors.ts';
import { publishChange } from '../events.ts';
import { MAX_LABELS } from '../limits.ts';
import { invalidLabels } from '../model/labels.ts';
import type { ParameterVersion } from '../model/parameter.ts';
import { parameter } from '../resources/parameter.ts';
import { listVersions, setLabels } from '../store/parameters.ts';
import { ssm } from './declare.ts';

async function findTarget(
  ctx: ServiceContext,
  tx: Tx,
  name: string,
  number: number | undefined,
): Promise<{ versions: ParameterVersion[]; target: ParameterVersion }> {
  const versions = await listVersions(tx, ctx, name);
  if (versions.length === 0) throw parameterNotFound();
  const target =
    number === undefined ? versions.at(-1) : versions.find((v) => v.version === number);
  if (!target) throw versionNotFound(name, String(number));
  return { versions, target };
}

export const labelParameterVersion = ssm(
  'labelParameterVersion',
  at(parameter, ({ Name }) => Name),
  async (ctx, input) => {
    const invalid = invalidLabels(input.Labels ?? []);
    const valid = [...new Set(input.Labels)].filter((label) => !invalid.includes(label));
    return ctx.transaction(async (tx) => {
      const { versions, target } = await findTarget(
        ctx,
        tx,
        input.Name ?? '',
        input.ParameterVersion,
      );
      const labels = [...new Set([...target.labels, ...valid])];
      if (labels.length > MAX_LABELS) throw tooManyLabels();
      for (const version of versions) {
        const kept =
          version === target ? labels : version.labels.filter((label) => !valid.includes(label));
        if (kept.length !== version.labels.length) await setLabels(tx, ctx, version, kept);
      }
      if (valid.length > 0) await publishChange(ctx, tx, 'LabelParameterVersion', target);
      return { InvalidLabels: invalid, ParameterVersion: target.version };
    });
  },
);

export const unlabelParameterVersion = ssm(
  'unlabelParameterVersion',
  at(parameter, ({ Name }) => Name),
  async (ctx, input) =>
    ctx.transaction(async (tx) => {
      const { target } = await findTarget(ctx, tx, input.Name ?? '', input.ParameterVersion);
      const RemovedLabels = target.labels.filter((label) => input.Labels?.includes(label));
      await setLabels(
        tx,
        ctx,
        target,
        target.labels.filter((label) => !RemovedLabels.includes(label)),
      );
      return {
        RemovedLabels,
        InvalidLabels: (input.Labels ?? []).filter((label) => !RemovedLabels.includes(label)),
      };
    }),
);
