import { malformedXml, noConfiguration } from '../errors.ts';
import { checkWebsite } from '../model/website.ts';
import { changeBucket, requireBucket } from '../objects/buckets.ts';
import { onBucket } from '../resources/bucket.ts';
import { s3 } from './declare.ts';

/** What it serves: website/serve.ts. */
export const putBucketWebsite = s3('putBucketWebsite', onBucket, async (ctx, input) => {
  const { WebsiteConfiguration: website } = input;
  if (!website) throw malformedXml();
  checkWebsite(website);
  await changeBucket(ctx, input, (b) => ({ ...b, settings: { ...b.settings, website } }));
  return {};
});

export const getBucketWebsite = s3('getBucketWebsite', onBucket, async (ctx, input) => {
  const { name, settings } = await requireBucket(ctx, input);
  if (settings.website) return settings.website;
  throw noConfiguration(
    'NoSuchWebsiteConfiguration',
    'The specified bucket does not have a website configuration',
    name,
  );
});

export const deleteBucketWebsite = s3('deleteBucketWebsite', onBucket, async (ctx, input) => {
  await changeBucket(ctx, input, (b) => ({
    ...b,
    settings: { ...b.settings, website: undefined },
  }));
  return {};
});
