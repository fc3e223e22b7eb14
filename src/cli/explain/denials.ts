import type { Server } from '../server.ts';
import { type Denial, denialsIn, distinct, withPath } from './denial.ts';
import { policyReader } from './policies.ts';
import type { ExplainedDenial } from './report.ts';
import { refusedCalls, type Window } from './trail.ts';
import { causesOf } from './verdict.ts';

export interface Explainer {
  /**
   * The refused calls behind a failure: of its message and of the history of sessions.
   * @param roles whose paths are known
   */
  denials(
    message: string,
    windows: readonly Window[],
    roles: readonly (string | undefined)[],
  ): Promise<ExplainedDenial[]>;
}

export function explainer(server: Server, caller: { accountId: string }): Explainer {
  const read = policyReader(server, caller);
  return {
    async denials(message, windows, roles) {
      const told = denialsIn(message);
      // Who may not look into the history is told what the message says.
      const trails = await Promise.all(
        windows.map((window) => refusedCalls(server, window).catch(() => [])),
      );
      const named = (denial: Denial): Denial => ({
        ...denial,
        principal: withPath(denial.principal, roles),
        resource: withPath(denial.resource, roles),
      });
      const sure = distinct([...told.sure, ...trails.flat()].map(named)).map(plain);
      const explained = await Promise.all(sure.map(explain));
      if (sure.length > 0) return explained;
      const possible = await Promise.all(told.possible.map(named).map(explain));
      return possible.filter(({ causes }) => causes.length > 0);
    },
  };

  async function explain(denial: Denial): Promise<ExplainedDenial> {
    return { ...denial, causes: causesOf(denial, await read(denial)) };
  }
}

const plain = ({ principal, action, resource, because }: Denial): Denial => ({
  ...{ principal, action, resource },
  ...(because !== undefined && { because }),
});
