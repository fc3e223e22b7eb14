import { rules } from './0001-rules.ts';

export const migrations = [rules];
