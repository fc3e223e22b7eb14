import { formatArn } from '../../../aws/arn.ts';
import type { Place } from '../../../kit/resource.ts';

/** The bus that every account has, and on which events of services arrive. */
export const DEFAULT_BUS = 'default';

/** Whom roles must trust, and by which policies of queues and topics name the service. */
export const SERVICE_PRINCIPAL = 'events.amazonaws.com';

export interface BusPlace {
  accountId: string;
  region: string;
  bus: string;
}

const arnOf = ({ partition, region, accountId }: Place, resource: string) =>
  formatArn({ partition, service: 'events', region, accountId, resource });

export const busArn = (place: Place, name: string) => arnOf(place, `event-bus/${name}`);

/** Rules of the default bus do not name it. */
export const ruleArn = (place: Place, bus: string, name: string) =>
  arnOf(place, bus === DEFAULT_BUS ? `rule/${name}` : `rule/${bus}/${name}`);

export const archiveArn = (place: Place, name: string) => arnOf(place, `archive/${name}`);
export const connectionArn = (place: Place, name: string, id: string) =>
  arnOf(place, `connection/${name}/${id}`);
export const destinationArn = (place: Place, name: string, id: string) =>
  arnOf(place, `api-destination/${name}/${id}`);
