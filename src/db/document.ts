import { decodeJson, encodeJson } from '../lib/json.ts';

/** A kind of document in a JSON column: how it is written, and how what earlier releases wrote is read. */
export interface DocumentKind<T> {
  encode(value: T): string;
  /** @throws Error for a document of a later release than this */
  decode(text: string): T;
}

/** From one version to the next, over plain data as the version before wrote it. Once released it never changes. */
export type Upgrade = (document: never) => unknown;

const MARK = /^v(\d+) /;

/**
 * A document whose form may change from release to release. What is stored stays as it is until it is written again, so
 * that a start of a new release costs nothing; `conformance/upgrade/` keeps data of each release that holds this.
 * @param upgrades from version 1 to 2, from 2 to 3, …: appended to when the form changes in a way that code must know
 */
export function defineDocument<T>(...upgrades: Upgrade[]): DocumentKind<T> {
  const current = upgrades.length + 1;
  // The first version has no mark, and no JSON begins as the mark does.
  const mark = current === 1 ? '' : `v${current} `;
  return {
    encode: (value) => mark + encodeJson(value),
    decode(text) {
      const [prefix = '', version = '1'] = MARK.exec(text) ?? [];
      const from = Number(version);
      if (from > current) {
        throw new Error(`a document of version ${from} is read by a release that knows ${current}`);
      }
      const upgrade = (document: unknown, step: Upgrade) => step(document as never);
      return upgrades.slice(from - 1).reduce(upgrade, decodeJson(text.slice(prefix.length))) as T;
    },
  };
}
