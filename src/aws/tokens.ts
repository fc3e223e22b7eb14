import type { Vault } from '../lib/vault.ts';

/** Begins every token: what begins with a dash, as base64url may, is an option to the aws command. */
const MARK = 'S';

/** Makes pagination tokens that only the same account, region and operation can use, and nobody can forge. */
export interface TokenSealer {
  seal(scope: string, state: unknown): string;
  /** The state, or undefined for a token that this scope was not given. */
  open(scope: string, token: string): unknown;
}

export function makeTokenSealer(vault: Vault): TokenSealer {
  return {
    seal(scope, state) {
      const sealed = vault.seal(JSON.stringify(state), `token/${scope}`);
      return MARK + Buffer.from(sealed, 'base64').toString('base64url');
    },
    open(scope, token) {
      if (!token.startsWith(MARK)) return undefined;
      try {
        const sealed = Buffer.from(token.slice(MARK.length), 'base64url').toString('base64');
        return JSON.parse(vault.open(sealed, `token/${scope}`).toString('utf8'));
      } catch {
        return undefined;
      }
    },
  };
}
