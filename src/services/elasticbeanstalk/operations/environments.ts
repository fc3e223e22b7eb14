import { randomBytes } from 'node:crypto';
import type {
  CreateEnvironmentCommandInput,
  EnvironmentTier,
  UpdateEnvironmentCommandInput,
} from '@aws-sdk/client-elastic-beanstalk';
import { unsupported } from '../../../aws/errors.ts';
import { at, need, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  combination,
  environmentExists,
  invalid,
  missing,
  nameTaken,
  noApplication,
  notReady,
  noVersion,
  tooManyEnvironments,
} from '../errors.ts';
import { ENVIRONMENTS } from '../limits.ts';
import { type Environment, type Setting, storageBucket } from '../model/environment.ts';
import { needsRebuild, PROPERTIES } from '../model/options.ts';
import { merged, NS, settingOf, sizeOf } from '../model/settings.ts';
import { settle } from '../reconcilers/environment.ts';
import { environmentKey } from '../reconcilers/names.ts';
import { environment, template } from '../resources/kinds.ts';
import { findApplication, findPart, type Version } from '../store/applications.ts';
import {
  findByCname,
  findByName,
  findEnvironment,
  insertEnvironment,
  listEnvironments,
} from '../store/environments.ts';
import { elasticbeanstalk } from './declare.ts';
import { authorizeMaking } from './making-input.ts';
import { platformOf } from './platform-input.ts';
import { checkRoles } from './profile-input.ts';
import { checkSettings, settingsOf, specified } from './settings-input.ts';
import { shownEnvironment } from './shapes.ts';
import { stageBundle } from './staging.ts';
import { newTags } from './tag-input.ts';

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

function refuse(input: CreateEnvironmentCommandInput | UpdateEnvironmentCommandInput): void {
  if (input.GroupName !== undefined) throw unsupported('GroupName of environments');
  checkTier(input.Tier);
}

function checkTier(tier: EnvironmentTier | undefined): void {
  const { Name = 'WebServer', Type = 'Standard' } = tier ?? {};
  if (Name === 'Worker') throw unsupported('environments of the tier Worker');
  if (Name !== 'WebServer' || Type !== 'Standard')
    throw invalid(`The tier ${Name} of the type ${Type} does not exist.`);
}

/** The label that a prefix of a CNAME comes to. @throws InvalidParameterValue */
export function labelOf(prefix: string): string {
  const label = prefix.toLowerCase();
  if (!PREFIX.test(label)) throw invalid(`DNS name (${prefix}) is not valid.`);
  return label;
}

export const hostOf = (label: string, region: string) =>
  `${label}.${region}.elasticbeanstalk.localhost`;

/** What is known of the platform and the settings before any of them is looked at. */
async function configurationOf(
  ctx: ServiceContext,
  input: CreateEnvironmentCommandInput,
): Promise<{ stack: string; settings: Setting[] }> {
  const { ApplicationName: application, TemplateName: name } = input;
  const given = settingsOf(input.OptionSettings);
  const remove = specified(input.OptionsToRemove);
  if (name === undefined) {
    if (input.SolutionStackName === undefined && input.PlatformArn === undefined)
      throw combination('You must specify one of: TemplateName, SolutionStackName, PlatformArn.');
    return { stack: platformOf(ctx, input), settings: merged([], given, remove) };
  }
  if (input.SolutionStackName !== undefined || input.PlatformArn !== undefined)
    throw combination('You cannot specify a platform beside a configuration template.');
  const found = await need(ctx.db, template, template.locate(ctx, { application, name }));
  return { stack: found.stack, settings: merged(found.settings, given, remove) };
}

async function versionOf(
  ctx: ServiceContext,
  application: string,
  label: string,
): Promise<Version> {
  const found = await findPart(ctx.db, ctx, 'version', { application, name: label });
  if (!found) throw noVersion(label);
  return found;
}

export const createEnvironment = elasticbeanstalk(
  'createEnvironment',
  at(environment, ({ ApplicationName, EnvironmentName }) => ({
    ...{ application: ApplicationName, name: EnvironmentName },
  })),
  async (ctx, input, { arn }) => {
    refuse(input);
    const { ApplicationName: application = '', EnvironmentName: name, CNAMEPrefix } = input;
    if (name === undefined) throw missing('EnvironmentName');
    if (!NAME.test(name))
      throw invalid(
        `Value ${name} at 'EnvironmentName' failed to satisfy constraint: Member must contain only letters, digits, and the dash character and may not start or end with a dash`,
      );
    const wanted = CNAMEPrefix === undefined ? undefined : labelOf(CNAMEPrefix);
    if (!(await findApplication(ctx.db, ctx, application))) throw noApplication(application);
    const { stack, settings } = await configurationOf(ctx, input);
    checkSettings(settings);
    if (input.VersionLabel === undefined)
      throw unsupported("environments without a VersionLabel (AWS's sample application)");
    const version = await versionOf(ctx, application, input.VersionLabel);
    await checkRoles(ctx, settings, arn);
    await authorizeMaking(ctx, settings, input.OperationsRole, arn);
    const tags = await newTags(ctx, arn, input.Tags);
    const id = `e-${randomName(10)}`;
    const label = wanted ?? `${name.toLowerCase()}.eba-${randomName(8)}`;
    const cname = hostOf(label, ctx.region);
    if (await findByCname(ctx.db, cname)) throw nameTaken(CNAMEPrefix ?? '');
    if (await findByName(ctx.db, ctx, name)) throw environmentExists(name);
    const staged = await stageBundle(ctx, id, version);
    const { accountId, region } = ctx;
    const now = ctx.clock.now().getTime();
    const made: Environment = {
      ...{ accountId, region, id, application, name, cname, status: 'Launching' },
      body: {
        ...{ stack, settings, tags, createdAt: now, updatedAt: now, numbers: 0, said: 0 },
        ...{ release: { ...staged, deployment: 0 }, instances: {} },
        health: { status: 'Unknown', causes: [] },
        ...(input.Description !== undefined && { description: input.Description }),
        ...(input.TemplateName !== undefined && { template: input.TemplateName }),
        ...(input.OperationsRole !== undefined && { operationsRole: input.OperationsRole }),
      },
    };
    return ctx.transaction(async (tx) => {
      if (await findByCname(tx, cname)) throw nameTaken(CNAMEPrefix ?? '');
      if (await findByName(tx, ctx, name)) throw environmentExists(name);
      const most = await ctx.quotas.value(tx, ctx, 'elasticbeanstalk', ENVIRONMENTS);
      const live = (await listEnvironments(tx, ctx)).filter(
        ({ status }) => status !== 'Terminated',
      );
      if (live.length >= most) throw tooManyEnvironments(most);
      await insertEnvironment(tx, made);
      await settle(ctx, tx, environmentKey(made), (draft) => {
        draft.begin({ kind: 'create', requestId: ctx.requestId, release: staged });
        draft.say(
          'INFO',
          `Using ${storageBucket(ctx)} as Amazon S3 storage bucket for environment data.`,
        );
      });
      return shownEnvironment(ctx, (await findEnvironment(tx, ctx, id)) ?? made);
    });
  },
);

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const randomName = (length: number) =>
  [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');

const byEither = (input: {
  EnvironmentId?: string | undefined;
  EnvironmentName?: string | undefined;
  ApplicationName?: string | undefined;
}) => ({
  ...{ application: input.ApplicationName, name: input.EnvironmentName, id: input.EnvironmentId },
});

interface Change {
  /** Instances have other properties. */
  told: boolean;
  resize: boolean;
  /** Roles that were not handed over before. */
  roles: boolean;
}

/** What new settings come to for an environment that runs. @throws what needs another environment, by name */
function changeOf(before: Environment, settings: Setting[]): Change {
  const key = ({ namespace, name, value }: Setting) => `${namespace}\n${name}\n${value}`;
  const [had, has] = [new Set(before.body.settings.map(key)), new Set(settings.map(key))];
  const changed = [
    ...before.body.settings.filter((one) => !has.has(key(one))),
    ...settings.filter((one) => !had.has(key(one))),
  ];
  const rebuilt = changed.find(
    (one) =>
      needsRebuild(one) &&
      settingOf(before, one.namespace, one.name) !==
        settingOf({ settings }, one.namespace, one.name),
  );
  if (rebuilt)
    throw unsupported(
      `a change of ${rebuilt.namespace} ${rebuilt.name} while an environment runs (instances and balancers are not replaced: make another environment, and swap their CNAMEs)`,
    );
  const [old, now] = [sizeOf(before), sizeOf({ settings })];
  const cooldown = (of: Setting[]) => settingOf({ settings: of }, NS.group, 'Cooldown');
  return {
    told: changed.some(({ namespace }) => namespace === PROPERTIES),
    roles: changed.some(({ name }) => name === 'ServiceRole' || name === 'IamInstanceProfile'),
    resize:
      old.least !== now.least ||
      old.most !== now.most ||
      cooldown(before.body.settings) !== cooldown(settings),
  };
}

export const updateEnvironment = elasticbeanstalk(
  'updateEnvironment',
  on(environment, byEither),
  async (ctx, input, found) => {
    refuse(input);
    if (found.status !== 'Ready') throw notReady(found.name);
    if (input.SolutionStackName !== undefined || input.PlatformArn !== undefined)
      platformOf(ctx, input);
    const { application } = found;
    let base = found.body.settings;
    if (input.TemplateName !== undefined) {
      const name = input.TemplateName;
      const located = template.locate(ctx, { application, name });
      base = (await need(ctx.db, template, located)).settings;
    }
    const settings = merged(
      base,
      settingsOf(input.OptionSettings),
      specified(input.OptionsToRemove),
    );
    checkSettings(settings);
    const change = changeOf(found, settings);
    const { arn } = environment.locate(ctx, { application, name: found.name });
    // Roles that are handed over already are no business of whoever deploys a version.
    if (change.roles) await checkRoles(ctx, settings, arn);
    const asService = found.body.operationsRole === undefined;
    // One whose launch has failed is launched by this.
    if (!found.body.resources && asService) await authorizeMaking(ctx, settings, undefined, arn);
    else if (change.resize && asService)
      await ctx.authorize('autoscaling:UpdateAutoScalingGroup', '*');
    const { VersionLabel: label } = input;
    const staged =
      label === undefined
        ? undefined
        : await stageBundle(ctx, found.id, await versionOf(ctx, application, label));
    return ctx.transaction(async (tx) => {
      const now = await findEnvironment(tx, ctx, found.id);
      if (now?.status !== 'Ready') throw notReady(found.name);
      const same = JSON.stringify(now.body.settings) === JSON.stringify(found.body.settings);
      if (!same) throw notReady(found.name);
      await settle(ctx, tx, environmentKey(found), (draft) => {
        if (input.Description !== undefined) draft.body.description = input.Description;
        if (input.TemplateName !== undefined) draft.body.template = input.TemplateName;
        draft.configure(settings);
        const { requestId } = ctx;
        const { resize } = change;
        if (staged) draft.begin({ kind: 'deploy', requestId, release: staged, resize });
        else draft.begin({ kind: 'configure', requestId, resize, quiet: !change.told });
      });
      return shownEnvironment(ctx, (await findEnvironment(tx, ctx, found.id)) ?? now);
    });
  },
);
