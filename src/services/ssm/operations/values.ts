import type { Parameter as AwsParameter } from '@aws-sdk/client-ssm';
import { pageOfList } from '../../../kit/pages.ts';
import { at, atEach } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { parameterNotFound, validation, versionNotFound } from '../errors.ts';
import { DEFAULT_BY_PATH_LIMIT, DEFAULT_LIMIT } from '../limits.ts';
import { BAD_PATH, parseFilters } from '../model/filters.ts';
import { isBelow, parameterArn, type Reference } from '../model/name.ts';
import type { Parameter, ParameterVersion } from '../model/parameter.ts';
import { parameter } from '../resources/parameter.ts';
import { findParameter, findVersion, listVersions } from '../store/parameters.ts';
import { openValue } from '../values/secure.ts';
import { ssm } from './declare.ts';
import { asked, scan } from './pages.ts';

const onReference = at(parameter, ({ Name }: { Name: string | undefined }) => Name);

export const getParameter = ssm('getParameter', onReference, async (ctx, input, { reference }) => {
  if (!reference) throw parameterNotFound();
  const found = await resolve(ctx, reference);
  if (found === 'no parameter') throw parameterNotFound();
  if (found === 'no version')
    throw versionNotFound(reference.name, reference.selector?.slice(1) ?? '');
  return { Parameter: await describe(ctx, found, reference, input.WithDecryption) };
});

export const getParameters = ssm(
  'getParameters',
  atEach(parameter, ({ Names }) => Names ?? []),
  async (ctx, input, located) => {
    const Parameters: AwsParameter[] = [];
    const InvalidParameters: string[] = [];
    for (const name of new Set(input.Names)) {
      const { reference } = located.find(({ names }) => names.includes(name)) ?? {};
      const found = reference ? await resolve(ctx, reference) : 'no parameter';
      if (!reference || typeof found === 'string') InvalidParameters.push(name);
      else Parameters.push(await describe(ctx, found, reference, input.WithDecryption));
    }
    return { Parameters, InvalidParameters };
  },
);

async function findCurrent(
  ctx: ServiceContext,
  { name, twin }: Reference,
): Promise<Parameter | undefined> {
  const found = await findParameter(ctx.db, ctx, name);
  return found || twin === undefined ? found : findParameter(ctx.db, ctx, twin);
}

async function resolve(
  ctx: ServiceContext,
  reference: Reference,
): Promise<ParameterVersion | 'no parameter' | 'no version'> {
  const { version, label } = reference;
  const current = await findCurrent(ctx, reference);
  if (!current) return 'no parameter';
  const { name } = current;
  if (version !== undefined) return (await findVersion(ctx.db, ctx, name, version)) ?? 'no version';
  if (label === undefined) return current;
  return (
    (await listVersions(ctx.db, ctx, name)).find((v) => v.labels.includes(label)) ?? 'no version'
  );
}

async function describe(
  ctx: ServiceContext,
  found: ParameterVersion,
  reference: Reference,
  decrypt: boolean | undefined,
): Promise<AwsParameter> {
  return {
    Name: found.name,
    Type: found.type,
    Value: await readValue(ctx, found, decrypt),
    Version: found.version,
    ...(reference.selector !== undefined && { Selector: reference.selector }),
    LastModifiedDate: found.modifiedAt,
    ARN: parameterArn(ctx, found.name),
    DataType: found.dataType,
  };
}

/** Without decryption a SecureString is its ciphertext. */
async function readValue(
  ctx: ServiceContext,
  found: ParameterVersion,
  decrypt: boolean | undefined,
): Promise<string> {
  return found.type === 'SecureString' && decrypt
    ? openValue(ctx, found, found.value)
    : found.value;
}

export const getParametersByPath = ssm(
  'getParametersByPath',
  { resource: (ctx, { Path = '' }) => parameterArn(ctx, Path) },
  async (ctx, input) => {
    const path = input.Path ?? '';
    if (!/^\/[a-zA-Z0-9_.\-/]*$/.test(path) || path.includes('//')) throw validation(BAD_PATH);
    const matches = parseFilters(input.ParameterFilters, 'path');
    const page = await scan(ctx, {
      matches: (found) => isBelow(found.name, path, input.Recursive ?? false) && matches(found),
      asked: asked(input, DEFAULT_BY_PATH_LIMIT),
    });
    const Parameters: AwsParameter[] = [];
    for (const found of page.items) {
      Parameters.push(await describe(ctx, found, { name: found.name }, input.WithDecryption));
    }
    return { Parameters, ...(page.nextToken && { NextToken: page.nextToken }) };
  },
);

export const getParameterHistory = ssm(
  'getParameterHistory',
  onReference,
  async (ctx, input, { reference }) => {
    const current = reference && (await findCurrent(ctx, reference));
    if (!current) throw parameterNotFound();
    const versions = await listVersions(ctx.db, ctx, current.name);
    const page = asked(input, DEFAULT_LIMIT);
    const { items, nextToken } = pageOfList(ctx, page, versions, ({ version }) => version);
    const Parameters = [];
    for (const version of items) {
      Parameters.push({
        ...historyOf(version),
        Value: await readValue(ctx, version, input.WithDecryption),
      });
    }
    return { Parameters, ...(nextToken && { NextToken: nextToken }) };
  },
);

/** What metadata and history say of a version. */
export function metadataOf(version: ParameterVersion) {
  return {
    Name: version.name,
    Type: version.type,
    ...(version.keyId !== undefined && { KeyId: version.keyId }),
    LastModifiedDate: version.modifiedAt,
    LastModifiedUser: version.modifiedBy,
    ...(version.description !== undefined && { Description: version.description }),
    ...(version.allowedPattern !== undefined && { AllowedPattern: version.allowedPattern }),
    Version: version.version,
    Tier: version.tier,
    Policies: [],
    DataType: version.dataType,
  };
}

const historyOf = (version: ParameterVersion) => ({
  ...metadataOf(version),
  Labels: version.labels,
});
