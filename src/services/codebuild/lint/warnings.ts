import type { ComputeType, EnvironmentType } from '@aws-sdk/client-codebuild';
import { AwsError } from '../../../aws/errors.ts';
import { MAX_REPORTS, MOST_BATCH_BUILDS } from '../limits.ts';
import type { BatchSpec } from '../model/batch/task.ts';
import { PhaseFailure } from '../model/build-state.ts';
import type { Buildspec } from '../model/buildspec.ts';
import { settable } from '../model/driver.ts';
import { secretReference } from '../model/environment.ts';
import { checkEnvironment } from '../model/environment-rules.ts';
import { REPORT_FORMATS } from '../model/report-formats/index.ts';
import { RuleError } from '../model/rule-error.ts';

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
  return [...its, ...large(batch), ...impossible(batch)];
}

/** Builds that cannot be: of a type or a size that there is not. What the project says of them is not known here. */
function impossible({ tasks }: BatchSpec = NO_BATCH): Warning[] {
  return tasks.flatMap((task): Warning[] => {
    const { identifier, fleet, type = 'LINUX_CONTAINER', computeType = '' } = task;
    // A machine of a fleet is what the fleet says.
    if (fleet !== undefined) return [];
    try {
      checkEnvironment({
        ...{ image: 'any', type: type as EnvironmentType, computeType: computeType as ComputeType },
      });
      return [];
    } catch (error) {
      if (!(error instanceof RuleError || error instanceof AwsError)) throw error;
      const message = `The build ${identifier} cannot be: ${error.message}`;
      return [{ code: 'BuildFails', message, path: ['batch'] }];
    }
  });
}

const NO_BATCH: BatchSpec = { tasks: [], fastFail: false };

function large({ tasks }: BatchSpec = NO_BATCH): Warning[] {
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
  return [...left, ...hidden, ...references(spec)];
}

/** What fails the build before its first command. */
function references({ secretsManager, parameterStore }: Buildspec): Warning[] {
  const secrets = Object.entries(secretsManager).flatMap(([name, text]): Warning[] => {
    const path = ['env', 'secrets-manager', name];
    return isSecretReference(text)
      ? []
      : [{ code: 'BuildFails', message: `It is no reference of a secret: ${text}`, path }];
  });
  const parameters = Object.entries(parameterStore).flatMap(([name, text]): Warning[] => {
    const path = ['env', 'parameter-store', name];
    return text === '' ? [{ code: 'BuildFails', message: 'It names no parameter', path }] : [];
  });
  return [...secrets, ...parameters];
}

function isSecretReference(text: string): boolean {
  try {
    secretReference(text);
    return text !== '';
  } catch (error) {
    if (error instanceof PhaseFailure) return false;
    throw error;
  }
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

function skipped({ proxied, cacheUnused = [] }: Buildspec): Warning[] {
  const found = cacheUnused.map(
    ({ part, why }): Warning => ({
      ...{ code: 'LeftOut', path: ['cache', part] },
      message: `It is left out: ${why}`,
    }),
  );
  if (proxied.length > 0) {
    const message = 'Slipway sends logs and artifacts itself, through no proxy: the log says so';
    found.push({ code: 'NotImplemented', message, path: ['proxy'] });
  }
  return found;
}
