import type { Registered } from '../kit/manifest.ts';

/** Services of one operation, added as real ones are: by a folder, a line and a contract. */
export const TOYS: Record<string, () => Promise<Registered>> = {
  toyrest: () => import('./toyrest/manifest.ts'),
  toyrpc: () => import('./toyrpc/manifest.ts'),
  toyec2: () => import('./toyec2/manifest.ts'),
};
