import { MAX_REPORTS, MOST_BATCH_BUILDS } from '../limits.ts';
import type { BatchSpec } from '../model/batch/task.ts';
import type { Buildspec } from '../model/buildspec.ts';
import { settable } from '../model/driver.ts';
import { REPORT_FORMATS } from '../model/report-formats/index.ts';

export interface Warning {
  code: string;
  message: string;
  path: readonly (string | number)[];
}

/** Slipway's own. */
const OWN_FORMAT = 'LCOV';

/** What of a buildspec that is in order works on AWS alone, on some machines alone, or not at all. */
export function warnings(spec: Buildspec, batch: BatchSpec | undefined): Warning[] {
  const its = [...users(spec), ...variables(spec), ...reports(spec), ...skipped(spec)];
  return [...its, ...large(batch)];
}

function large({ tasks }: BatchSpec = { tasks: [], fastFail: false }): Warning[] {
  if (tasks.length <= MOST_BATCH_BUILDS) return [];
  const message = `A batch of AWS has ${MOST_BATCH_BUILDS} builds at most; here a project may allow more (maximumBuildsAllowed)`;
  return [{ code: 'AwsRefuses', message, path: ['batch'] }];
}

function users({ runAs, phases }: Buildspec): Warning[] {
  const phaseUsers = Object.entries(phases).map(
    ([phase, { runAs: user }]) => [['phases', phase, 'run-as'], user] as const,
  );
  return ([[['run-as'], runAs], ...phaseUsers] as const).flatMap(([path, user]) => {
    if (user === undefined || user === 'root' || user === '0') return [];
    const message = `Only builds in containers have other users than root: where builds are processes, ${user} is refused`;
    return [{ code: 'NeedsContainers', message, path }];
  });
}

function variables(spec: Buildspec): Warning[] {
  const { variables: plain, parameterStore, secretsManager, exportedVariables } = spec;
  const sections = {
    variables: plain,
    ...{ 'parameter-store': parameterStore, 'secrets-manager': secretsManager },
  };
  const names = Object.entries(sections).flatMap(([section, members]) =>
    Object.keys(members).map((name) => ({ name, path: ['env', section, name] })),
  );
  const left = names.flatMap(({ name, path }): Warning[] => {
    if (name.startsWith('CODEBUILD_'))
      return [
        { code: 'LeftOut', path, message: 'CODEBUILD_ is reserved: the build leaves it out' },
      ];
    if (settable(name)) return [];
    const message = 'No shell has a variable of that name: Slipway leaves it out';
    return [{ code: 'LeftOut', path, message }];
  });
  const secret = (name: string) =>
    Object.hasOwn(parameterStore, name) || Object.hasOwn(secretsManager, name);
  const hidden = exportedVariables.flatMap((name, index): Warning[] =>
    name.startsWith('AWS_') || secret(name)
      ? [
          {
            ...{ code: 'LeftOut', path: ['env', 'exported-variables', index] },
            message: `${name} is not exported: neither secrets nor names that begin with AWS_ are`,
          },
        ]
      : [],
  );
  return [...left, ...hidden];
}

function reports(spec: Buildspec): Warning[] {
  return Object.entries(spec.reports).flatMap(([name, { fileFormat }], index): Warning[] => {
    if (index >= MAX_REPORTS) {
      const message = `A build makes ${MAX_REPORTS} reports: this one is left out`;
      return [{ code: 'LeftOut', message, path: ['reports', name] }];
    }
    const path = ['reports', name, 'file-format'];
    if (fileFormat === OWN_FORMAT)
      return [
        { code: 'AwsRefuses', path, message: `${OWN_FORMAT} is a format of Slipway's alone` },
      ];
    if (Object.hasOwn(REPORT_FORMATS, fileFormat)) return [];
    const message = `There is no file-format ${fileFormat}: the report is left out`;
    return [{ code: 'LeftOut', message, path }];
  });
}

function skipped({ proxied }: Buildspec): Warning[] {
  const found: Warning[] = [];
  if (proxied.length > 0) {
    const message = 'Slipway sends logs and artifacts itself, through no proxy: the log says so';
    found.push({ code: 'NotImplemented', message, path: ['proxy'] });
  }
  return found;
}
