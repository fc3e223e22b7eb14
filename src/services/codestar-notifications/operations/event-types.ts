import { EVENT_TYPES, summaryOf } from '../model/event-types.ts';
import { notifications } from './declare.ts';
import { filtered, paginate } from './pages.ts';

const ORDER = new Map(EVENT_TYPES.map(({ EventTypeId }, index) => [EventTypeId, index]));

export const listEventTypes = notifications('listEventTypes', {}, async (ctx, input) => {
  // AWS's own text has `pipeline` for a resource type that it lists as `Pipeline`.
  const filters = input.Filters?.map(({ Name, Value }) => ({ Name, Value: Value.toLowerCase() }));
  const shown = filtered(EVENT_TYPES, filters, ({ ResourceType, ServiceName }) => ({
    RESOURCE_TYPE: [ResourceType.toLowerCase()],
    SERVICE_NAME: [ServiceName.toLowerCase()],
  }));
  const page = paginate(ctx, input, shown, ({ EventTypeId }) => ORDER.get(EventTypeId) ?? 0);
  return { EventTypes: page.items.map(summaryOf), ...page.next };
});
