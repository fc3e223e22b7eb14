import { NoSuchThingError } from '../../../aws/protocols/toy.ts';
import { declare } from '../../../kit/operation.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import type * as client from '../client.ts';

const toyec2 = declare<typeof client, ServiceContext>('toyec2');

/** Answers with what it gets. @throws NoSuchThing for one that is called `none` */
export const putThing = toyec2('putThing', {}, async (_ctx, { name, colour, list, tag }) => {
  if (name === 'none') throw new NoSuchThingError({ message: 'There is none.', thing: name });
  return { colour, list, tag };
});
