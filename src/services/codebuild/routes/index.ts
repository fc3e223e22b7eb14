import type { Route } from '../../../kit/service.ts';
import { publicRoutes } from './public.ts';
import { webhookRoutes } from './webhooks.ts';

export const routes: Route[] = [...publicRoutes, ...webhookRoutes];
