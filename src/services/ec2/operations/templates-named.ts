import type * as sdk from '@aws-sdk/client-ec2';
import { unsupported } from '../../../aws/errors.ts';
import type { Db, Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { combination, malformed, missing, noTemplate, noTemplateVersion } from '../errors.ts';
import { prefixOf } from '../model/ids.ts';
import {
  type LaunchTemplate,
  type TemplateVersion,
  versionNumber,
  withTemplate,
} from '../model/launch-template.ts';
import { findTemplate, findVersion } from '../store/launch-templates.ts';

export interface NamesTemplate {
  LaunchTemplateId?: string | undefined;
  LaunchTemplateName?: string | undefined;
}

/** How a call names a template. @throws where it names none, or two */
function templateNamed({ LaunchTemplateId: id, LaunchTemplateName: name }: NamesTemplate) {
  if (id && name)
    throw combination('Please specify only one of launch template id or launch template name.');
  if (!id && !name) throw missing('LaunchTemplateId');
  if (id && prefixOf(id) !== 'lt') throw malformed('lt', id);
  return id ? { id } : { name: name ?? '' };
}

export async function needTemplate(
  db: Db | Tx,
  ctx: ServiceContext,
  named: NamesTemplate,
): Promise<LaunchTemplate> {
  const by = templateNamed(named);
  const found = await findTemplate(db, ctx, by);
  if (!found) throw noTemplate(by);
  return found;
}

/** What IAM is asked about: templates are known to it by their ids. */
export async function templateArn(ctx: ServiceContext, named: NamesTemplate): Promise<string> {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = named;
  const found = id || !name ? undefined : await findTemplate(ctx.db, ctx, { name });
  return `arn:aws:ec2:${ctx.region}:${ctx.accountId}:launch-template/${id || found?.id || '*'}`;
}

export const onTemplate = { resource: templateArn };

export async function needVersion(
  db: Db | Tx,
  template: LaunchTemplate,
  said: string | undefined,
): Promise<TemplateVersion> {
  const number = versionNumber(template, said);
  const found = number === undefined ? undefined : await findVersion(db, template, number);
  if (!found) throw noTemplateVersion(template.id, said ?? '');
  return found;
}

/** The tag of an instance that tells which template it is from. */
export const TEMPLATE_TAG = 'aws:ec2launchtemplate:id';

export interface Resolved {
  /** The call with what the template says. */
  input: sdk.RunInstancesCommandInput;
  /** Tags that tell which template an instance is from. */
  from: Map<string, string>;
}

/** @throws where there is no such template or version */
export async function resolved(
  ctx: ServiceContext,
  input: sdk.RunInstancesCommandInput,
): Promise<Resolved> {
  const { LaunchTemplate: named } = input;
  if (!named?.LaunchTemplateId && !named?.LaunchTemplateName && !named?.Version)
    return { input, from: new Map() };
  const template = await needTemplate(ctx.db, ctx, named);
  const { number, body } = await needVersion(ctx.db, template, named.Version);
  if (body.data.InstanceRequirements)
    throw unsupported('InstanceRequirements of a launch template');
  const from = new Map([
    [TEMPLATE_TAG, template.id],
    ['aws:ec2launchtemplate:version', String(number)],
  ]);
  return { input: withTemplate(input, body.data), from };
}
