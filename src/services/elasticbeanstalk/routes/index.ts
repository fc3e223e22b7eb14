import type { Route } from '../../../kit/service.ts';
import { environmentArn } from '../model/environment.ts';
import { findEnvironment } from '../store/environments.ts';

/**
 * Where an instance says how it is, and hears what it is to do: signed with its profile's credentials, and asked for by the action
 * that AWS's policy for them (AWSElasticBeanstalkWebTier) allows. AWS has no published API for it either.
 */
const statistics: Route<undefined> = {
  api: 'elasticbeanstalk',
  operation: 'PutInstanceStatistics',
  methods: ['POST'],
  path: '/_slipway/elasticbeanstalk/{environment}/{instance}',
  identity: { by: 'sigv4', signingName: 'elasticbeanstalk' },
  async subject(platform, { caller, labels: { environment = '' } }) {
    const { region = platform.config.region, principal } = caller;
    const owner = { accountId: principal.accountId, region };
    const found = await findEnvironment(platform.db, owner, environment);
    const resource = found
      ? environmentArn(found, found)
      : `arn:aws:elasticbeanstalk:${region}:${owner.accountId}:environment/*`;
    return { resource, region, subject: undefined };
  },
  async handle(platform, call) {
    // With what nothing needs before.
    const { report } = await import('./statistics.ts');
    return report(platform, call);
  },
};

/** Environments' addresses: whatever is asked there, and by whichever method, is for their applications. */
const addresses: Route = {
  ...{ api: 'elasticbeanstalk', operation: 'GetApplication', path: '/{rest*}' },
  ...{ host: '*.elasticbeanstalk.localhost', identity: { by: 'none' }, isPublic: true },
  async handle(platform, { request }) {
    const { pass } = await import('./addresses.ts');
    return pass(platform, request);
  },
  async upgrade(platform, { request }, socket, head) {
    const { passUpgrade } = await import('./addresses.ts');
    await passUpgrade(platform, request, socket, head);
  },
};

export const routes: Route[] = [statistics as Route, addresses];
