import type { Route } from '../../../kit/service.ts';
import { dataChannel } from './data-channel.ts';

// biome-ignore lint/suspicious/noExplicitAny: each route has subjects of its own
export const routes: Route<any>[] = [dataChannel];
