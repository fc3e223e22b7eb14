import type { Owner } from '../store/tables.ts';

/** The machine of an environment; its keys are `ACCOUNT/REGION/e-…`. */
export const ENVIRONMENT = 'elasticbeanstalk/environment';
/** Does what an environment needs of other services; the same keys. */
export const FLEET = 'elasticbeanstalk/fleet';

export const SERVICE_PRINCIPAL = 'elasticbeanstalk.amazonaws.com';

export const environmentKey = ({ accountId, region, id }: Owner & { id: string }): string =>
  `${accountId}/${region}/${id}`;

export function parseKey(key: string): Owner & { id: string } {
  const [accountId = '', region = '', id = ''] = key.split('/');
  return { accountId, region, id };
}

/** What rings when an instance has something to do. */
export const instanceTopic = (key: string, instance: string): string =>
  `elasticbeanstalk/instance/${key}/${instance}`;
