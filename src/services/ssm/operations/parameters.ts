import type { ParameterTier, PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { AwsError, unsupported } from '../../../aws/errors.ts';
import { compileUserPattern, type JavaPattern } from '../../../aws/validate/java-pattern.ts';
import { at, tagObject } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import {
  invalidPattern,
  maxVersions,
  parameterExists,
  patternMismatch,
  tooManyLevels,
  validation,
} from '../errors.ts';
import { publishChange } from '../events.ts';
import { ADVANCED_MAX_BYTES, MAX_VERSIONS, STANDARD_MAX_BYTES } from '../limits.ts';
import { nameProblem } from '../model/name.ts';
import type { Parameter, ParameterVersion } from '../model/parameter.ts';
import { parameter, TAG_RULES } from '../resources/parameter.ts';
import { deleteVersion, findParameter, insertVersion, listVersions } from '../store/parameters.ts';
import { DEFAULT_KEY, sealValue } from '../values/secure.ts';
import { ssm } from './declare.ts';

export const putParameter = ssm(
  'putParameter',
  at(parameter, ({ Name }) => Name),
  async (ctx, input) => {
    checkRequest(input);
    const before = await findParameter(ctx.db, ctx, input.Name ?? '');
    const draft = await draftOf(ctx, input, before);
    return ctx.transaction(async (tx) => {
      const known = await findParameter(tx, ctx, draft.name);
      if (known && !input.Overwrite) throw parameterExists();
      const written = { ...draft, version: (known?.version ?? 0) + 1 };
      if (known) await makeRoom(ctx, tx, written);
      await insertVersion(tx, ctx, written, tagObject(tagsOf(input.Tags)));
      await publishChange(ctx, tx, known ? 'Update' : 'Create', written);
      return { Version: written.version, Tier: written.tier };
    });
  },
);

function checkRequest(input: PutParameterCommandInput): void {
  const problem = nameProblem(input.Name ?? '');
  if (problem?.kind === 'levels') throw tooManyLevels();
  if (problem?.kind === 'reserved') throw new AwsError('AccessDeniedException', problem.message);
  if (problem) throw validation(problem.message);
  if (input.Value === '') {
    throw validation(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  }
  if (nestsAnother(input.Value ?? '')) {
    throw validation(
      'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.',
    );
  }
  if (input.Overwrite && input.Tags?.length) {
    throw validation(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove " +
        'overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.',
    );
  }
  checkNewTags(input.Tags ?? [], TAG_RULES);
  if (input.Policies !== undefined && !/^(\[\s*\])?$/.test(input.Policies.trim()))
    throw unsupported('parameter policies');
  if (input.DataType === 'aws:ec2:image' || input.DataType === 'aws:ssm:integration') {
    throw unsupported(`the data type ${input.DataType}`);
  }
  if (input.DataType !== undefined && input.DataType !== 'text') {
    throw validation(
      `The following data type is not supported: ${input.DataType} (Data type names are all lowercase.)`,
    );
  }
}

/** `{{ssm:name}}` stands for a parameter's value in documents; in a value, AWS takes nothing between double braces. */
function nestsAnother(value: string): boolean {
  const open = value.indexOf('{{');
  return open >= 0 && value.includes('}}', open + 2);
}

/** The version to write, encrypted, its number still open: what a call leaves out stays as it was. */
async function draftOf(
  ctx: ServiceContext,
  input: PutParameterCommandInput,
  before: Parameter | undefined,
): Promise<Omit<ParameterVersion, 'version'>> {
  if (before && !input.Overwrite) throw parameterExists();
  const type = input.Type ?? before?.type;
  if (!type) throw validation('A parameter type is required when you create a parameter.');
  if (type !== 'SecureString' && input.KeyId !== undefined) {
    throw validation('KeyId is required for SecureString type parameter only.');
  }
  const value = input.Value ?? '';
  const allowedPattern = input.AllowedPattern || before?.allowedPattern;
  if (allowedPattern !== undefined)
    checkPattern(allowedPattern, type === 'StringList' ? value.split(',') : [value]);
  const draft = {
    name: input.Name ?? '',
    labels: [],
    type,
    ...(type === 'SecureString' && { keyId: input.KeyId ?? before?.keyId ?? DEFAULT_KEY }),
    description: input.Description ?? before?.description,
    allowedPattern,
    tier: tierOf(input, value, before?.tier),
    dataType: input.DataType ?? before?.dataType ?? 'text',
    modifiedAt: ctx.clock.now(),
    modifiedBy: ctx.principal.arn,
  };
  return { ...draft, value: type === 'SecureString' ? await sealValue(ctx, draft, value) : value };
}

function tierOf(
  input: PutParameterCommandInput,
  value: string,
  before: ParameterTier | undefined,
): ParameterTier {
  const size = Buffer.byteLength(value);
  let tier = input.Tier ?? before ?? 'Standard';
  if (tier === 'Intelligent-Tiering')
    tier = size > STANDARD_MAX_BYTES || before === 'Advanced' ? 'Advanced' : 'Standard';
  if (tier === 'Standard' && before === 'Advanced') {
    throw validation(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier " +
        'to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.',
    );
  }
  if (tier === 'Standard' && size > STANDARD_MAX_BYTES) {
    throw validation(
      `Standard tier parameters support a maximum parameter value of ${STANDARD_MAX_BYTES} characters. To create a larger ` +
        'parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see ' +
        'https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html',
    );
  }
  if (size > ADVANCED_MAX_BYTES) {
    throw validation(
      `Advanced tier parameters support a maximum parameter value of ${ADVANCED_MAX_BYTES} characters.`,
    );
  }
  return tier;
}

/** States of a pattern's automaton: enough for a text of the largest size with a length that is given. */
const MAX_PATTERN_SIZE = 8500;
/** States times characters, at most about 100 ns each: a pattern may be large, or a value, but not both. */
const MAX_PATTERN_WORK = 1_000_000;

function checkPattern(pattern: string, values: string[]): void {
  const length = values.reduce((sum, value) => sum + value.length, 0);
  const size = Math.min(MAX_PATTERN_SIZE, Math.ceil(MAX_PATTERN_WORK / Math.max(1, length)));
  let compiled: JavaPattern;
  try {
    compiled = compileUserPattern(pattern, size);
  } catch {
    throw invalidPattern(pattern);
  }
  if (!values.every((value) => compiled.test(value))) throw patternMismatch(pattern);
}

/** A parameter keeps 100 versions; the oldest goes unless it has a label. */
async function makeRoom(
  ctx: ServiceContext,
  tx: Parameters<typeof listVersions>[0],
  written: ParameterVersion,
): Promise<void> {
  const versions = await listVersions(tx, ctx, written.name);
  const oldest = versions[0];
  if (!oldest || versions.length < MAX_VERSIONS) return;
  if (oldest.labels.length > 0)
    throw maxVersions(written.name, oldest.version, written.version, oldest.labels);
  await deleteVersion(tx, ctx, written.name, oldest.version);
}
