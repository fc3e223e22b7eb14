import type { Owner } from '../store/tables.ts';

/** The machine of a group; its keys are `ACCOUNT/REGION/NAME`. */
export const GROUP = 'autoscaling/group';
/** Does what an instance of a group needs outside; its keys are `ACCOUNT/REGION/SLOT`. */
export const MEMBER = 'autoscaling/member';
/** Looks how the instances of a group are; the keys of the groups. */
export const HEALTH = 'autoscaling/health';
/** Tells topics and queues; its keys are ids. */
export const DELIVERY = 'autoscaling/delivery';

export const groupKey = ({ accountId, region, name }: Owner & { name: string }): string =>
  `${accountId}/${region}/${name}`;
export const memberKey = ({ accountId, region, slot }: Owner & { slot: string }): string =>
  `${accountId}/${region}/${slot}`;

export function parseKey(key: string): Owner & { rest: string } {
  const [accountId = '', region = '', ...rest] = key.split('/');
  return { accountId, region, rest: rest.join('/') };
}

/** Rings when a group or one of its instances has changed. */
export const groupTopic = (key: string): string => `autoscaling/group/${key}`;
