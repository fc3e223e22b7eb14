import type { Provides } from '../../kit/provides.ts';

/** Roles that services become: loaded by the first. */
export const provides: Partial<Provides> = {
  async assumeRole(platform, role) {
    const { assumeRoleForService } = await import('./roles/assume-role.ts');
    return assumeRoleForService(platform, role);
  },
};
