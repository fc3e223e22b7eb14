import { unsupported } from '../../../aws/errors.ts';
import { passRole } from '../../../kit/pass-role.ts';
import { authorizeOn, need, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid, notReady } from '../errors.ts';
import type { Draft } from '../model/draft.ts';
import type { Environment, OperationKind } from '../model/environment.ts';
import { settle } from '../reconcilers/environment.ts';
import { environmentKey, SERVICE_PRINCIPAL } from '../reconcilers/names.ts';
import { environment } from '../resources/kinds.ts';
import { findEnvironment, updateEnvironment } from '../store/environments.ts';
import { elasticbeanstalk } from './declare.ts';
import { authorizeMaking } from './making-input.ts';
import { onEnvironment } from './on-environment.ts';
import { shownEnvironment } from './shapes.ts';

type Tx = Parameters<typeof updateEnvironment>[0];

/** Does something with an environment as it is now. @returns as it is then */
async function change(
  ctx: ServiceContext,
  found: Environment,
  check: (now: Environment) => void,
  command: (draft: Draft) => void,
): Promise<Environment> {
  return ctx.transaction(async (tx) => {
    const located = environment.locate(ctx, { id: found.id });
    check(await need(tx, environment, located));
    await settle(ctx, tx, environmentKey(found), command);
    return (await findEnvironment(tx, ctx, found.id)) ?? found;
  });
}

const mustBeReady = ({ status, name }: Environment) => {
  if (status !== 'Ready') throw notReady(name);
};

const begin =
  (kind: OperationKind, { requestId }: ServiceContext) =>
  (draft: Draft) =>
    draft.begin({ kind, requestId });

export const terminateEnvironment = elasticbeanstalk(
  'terminateEnvironment',
  onEnvironment,
  async (ctx, { TerminateResources }, found) => {
    if (TerminateResources === false)
      throw unsupported('TerminateEnvironment that leaves its resources');
    const once = (draft: Draft) => {
      if (draft.state.status !== 'Terminating') begin('terminate', ctx)(draft);
    };
    return shownEnvironment(ctx, await change(ctx, found, () => undefined, once));
  },
);

export const rebuildEnvironment = elasticbeanstalk(
  'rebuildEnvironment',
  onEnvironment,
  async (ctx, _input, found) => {
    const { settings, operationsRole } = found.body;
    // What the service makes anew, it makes for whoever asks for it.
    if (operationsRole === undefined)
      await authorizeMaking(ctx, settings, undefined, environment.locate(ctx, found).arn);
    await change(ctx, found, mustBeReady, begin('rebuild', ctx));
    return {};
  },
);

export const restartAppServer = elasticbeanstalk(
  'restartAppServer',
  onEnvironment,
  async (ctx, _input, found) => {
    await change(ctx, found, mustBeReady, begin('restart', ctx));
    return {};
  },
);

export const abortEnvironmentUpdate = elasticbeanstalk(
  'abortEnvironmentUpdate',
  onEnvironment,
  async (ctx, _input, found) => {
    const check = ({ name, body: { operation } }: Environment) => {
      const kind = operation?.kind;
      if ((kind !== 'deploy' && kind !== 'configure') || operation?.aborted)
        throw invalid(
          `Environment named ${name} is in an invalid state for this operation. Must be pending deployment.`,
        );
    };
    await change(ctx, found, check, (draft) => draft.abort());
    return {};
  },
);

interface Swap {
  SourceEnvironmentId?: string | undefined;
  SourceEnvironmentName?: string | undefined;
  DestinationEnvironmentId?: string | undefined;
  DestinationEnvironmentName?: string | undefined;
}

export const swapEnvironmentCNAMEs = elasticbeanstalk(
  'swapEnvironmentCNAMEs',
  on(environment, ({ SourceEnvironmentId: id, SourceEnvironmentName: name }: Swap) => ({
    ...{ id, name },
  })),
  async (ctx, input, source) => {
    const { DestinationEnvironmentId: id, DestinationEnvironmentName: name } = input;
    const located = environment.locate(ctx, { id, name });
    await authorizeOn(ctx, environment, located, 'elasticbeanstalk:SwapEnvironmentCNAMEs');
    environment.check?.(located);
    await ctx.transaction(async (tx) => {
      const one = await need(tx, environment, environment.locate(ctx, { id: source.id }));
      const other = await need(tx, environment, located);
      if (one.id === other.id)
        throw invalid('The source and the destination environment are the same.');
      for (const each of [one, other]) mustBeReady(each);
      const [first, second] = [one.cname, other.cname];
      // No two have one at any moment.
      await updateEnvironment(tx, { ...one, cname: undefined });
      await rename(ctx, tx, other, first);
      await rename(ctx, tx, one, second);
    });
    return {};
  },
);

function rename(ctx: ServiceContext, tx: Tx, of: Environment, cname: string | undefined) {
  return settle(ctx, tx, environmentKey(of), (draft) => {
    draft.state.cname = cname;
    draft.body.updatedAt = draft.now;
    draft.say('INFO', 'Completed swapping CNAMEs for environments.');
  });
}

export const associateEnvironmentOperationsRole = elasticbeanstalk(
  'associateEnvironmentOperationsRole',
  onEnvironment,
  async (ctx, { OperationsRole: roleArn = '' }, found) => {
    const sourceArn = environment.locate(ctx, found).arn;
    await passRole(ctx, { roleArn, service: SERVICE_PRINCIPAL, sourceArn });
    await change(ctx, found, mustBeReady, (draft) => {
      draft.body.operationsRole = roleArn;
    });
    return {};
  },
);

export const disassociateEnvironmentOperationsRole = elasticbeanstalk(
  'disassociateEnvironmentOperationsRole',
  onEnvironment,
  async (ctx, _input, found) => {
    await change(ctx, found, mustBeReady, (draft) => {
      delete draft.body.operationsRole;
    });
    return {};
  },
);
