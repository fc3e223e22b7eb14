import type { Owner } from '../store/tables.ts';

/** The machine of an instance; its keys are `ACCOUNT/REGION/i-…`. */
export const INSTANCE = 'ec2/instance';
/** Does what an instance needs on the executor, and stays with one that runs; the same keys. */
export const COMPUTE = 'ec2/compute';
/** Removes what instances share, once there is none; its keys are `KIND/NAME`. */
export const PLACES = 'ec2/places';

export const instanceKey = ({ accountId, region }: Owner, id: string): string =>
  `${accountId}/${region}/${id}`;

export function parseKey(key: string): Owner & { id: string } {
  const [accountId = '', region = '', ...rest] = key.split('/');
  return { accountId, region, id: rest.join('/') };
}

/** What rings when an instance is in another state, or has other work. */
export const instanceTopic = (key: string): string => `ec2/instance/${key}`;
