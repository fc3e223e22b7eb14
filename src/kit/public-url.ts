import type { Platform } from './platform.ts';

/** By what others reach this server, for links that leave it; without a slash at its end. */
export function publicUrl({
  config,
  serverEndpoint,
}: Pick<Platform, 'config' | 'serverEndpoint'>): string {
  return config.publicUrl ?? serverEndpoint();
}
