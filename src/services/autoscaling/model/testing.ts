import type { Snapshot } from './draft.ts';
import type { GroupBody } from './group.ts';

// Groups for tests of the model.

export const newGroup = (body: Partial<GroupBody> = {}): Snapshot => ({
  group: {
    ...{ accountId: '111111111111', region: 'us-east-1', name: 'web' },
    body: {
      ...{ id: 'g', createdAt: 0, min: 0, max: 5, desired: 2, cooldown: 300, targetGroups: [] },
      launch: { kind: 'template', id: 'lt-1', name: 'web', version: '1' },
      places: ['a', 'b'].map((letter) => ({ zone: `us-east-1${letter}`, subnet: letter })),
      ...{ health: 'EC2', grace: 0, policies: ['Default'], protects: false, tags: [], hooks: [] },
      ...{ suspended: [], scaling: [], schedules: [], notifications: [] },
      ...{ coolsUntil: 0, failures: 0, waitsUntil: 0, why: '', owed: 0, numbers: 0 },
      ...body,
    },
  },
  members: [],
});
