import { formatArn } from '../../../../aws/arn.ts';
import { DeliveryFailed } from '../../../../kit/delivery/failure.ts';
import { bus } from '../../resources/bus.ts';
import { findBus } from '../../store/buses.ts';
import { heard } from '../../store/heard.ts';
import { fanOut } from '../fan-out.ts';
import { MAX_HOPS } from '../names.ts';
import type { TargetKind } from './target.ts';

/** Another bus, of whichever account and region: the event comes to it as it is, and goes from there to no third one. */
export const eventBus: TargetKind = {
  name: 'event buses',
  isOf: (arn) => arn.service === 'events' && bus.parse(arn) !== undefined,
  async send(ctx, { delivery, arn, actAs }) {
    const { accountId, region, resource } = arn;
    const name = resource.slice('event-bus/'.length);
    const found = await findBus(ctx.db, { accountId, region }, name);
    const { event, hops } = delivery;
    const question = {
      owner: accountId,
      conditions: { 'events:source': event.source, 'events:detail-type': event['detail-type'] },
      ...(found?.policy !== undefined && {
        resourcePolicy: { document: found.policy, kind: 'resource' as const, required: false },
      }),
    };
    // Without a role a rule puts events on buses of its own account, as it always could.
    const may = 'roleArn' in actAs ? actAs : { ...actAs, may: ['events:PutEvents'] };
    await ctx.authorizeAs(may, 'events:PutEvents', formatArn(arn), question);
    const failed = (code: string, message: string) =>
      new DeliveryFailed({ code, message, again: false });
    if (!found) throw failed('NO_RESOURCE', `Event bus ${name} does not exist.`);
    if (hops >= MAX_HOPS)
      throw failed(
        'SDK_CLIENT_ERROR',
        'An event that comes from another bus is not sent on to a third one.',
      );
    await ctx.transaction(async (tx) => {
      if (!(await heard.hear(tx, delivery.id, ctx.clock.now()))) return;
      await fanOut(ctx, tx, { accountId, region, bus: name }, event, { hops: hops + 1 });
    });
  },
};
