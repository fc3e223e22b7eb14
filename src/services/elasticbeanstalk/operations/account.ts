import { APPLICATIONS, ENVIRONMENTS, TEMPLATES, VERSIONS } from '../limits.ts';
import { findByCname } from '../store/environments.ts';
import { elasticbeanstalk } from './declare.ts';
import { hostOf, labelOf } from './environments.ts';
import { shownCname } from './shapes.ts';
import { haveStorage } from './staging.ts';

export const createStorageLocation = elasticbeanstalk('createStorageLocation', {}, async (ctx) => ({
  S3Bucket: await haveStorage(ctx),
}));

export const checkDNSAvailability = elasticbeanstalk(
  'checkDNSAvailability',
  {},
  async (ctx, { CNAMEPrefix = '' }) => {
    const cname = hostOf(labelOf(CNAMEPrefix), ctx.region);
    return {
      Available: (await findByCname(ctx.db, cname)) === undefined,
      FullyQualifiedCNAME: shownCname(ctx, cname),
    };
  },
);

export const describeAccountAttributes = elasticbeanstalk(
  'describeAccountAttributes',
  {},
  async (ctx) => {
    const most = (quota: typeof APPLICATIONS) =>
      ctx.quotas.value(ctx.db as never, ctx, 'elasticbeanstalk', quota);
    return {
      ResourceQuotas: {
        ApplicationQuota: { Maximum: await most(APPLICATIONS) },
        ApplicationVersionQuota: { Maximum: await most(VERSIONS) },
        EnvironmentQuota: { Maximum: await most(ENVIRONMENTS) },
        ConfigurationTemplateQuota: { Maximum: await most(TEMPLATES) },
        CustomPlatformQuota: { Maximum: 0 },
      },
    };
  },
);
