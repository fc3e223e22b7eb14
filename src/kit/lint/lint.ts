import type { FilePlace, Located } from '../../lib/located.ts';

/** One thing to say of a definition. */
export interface Finding {
  /** A warning: it works on one side alone, here or on AWS, or is not what it seems. */
  severity: 'error' | 'warning';
  /** AWS's code where AWS refuses it; `NotImplemented` where only Slipway does. */
  code: string;
  message: string;
  /** Of the definition, where a file has several. */
  of?: string | undefined;
  /** JSON pointer into the definition, as the API has it. */
  pointer: string;
  at: FilePlace;
}

export interface LintOptions {
  /** The caller says that files are of this kind. */
  asked: boolean;
  /** Of the definition, where it does not tell. */
  region: string | undefined;
}

/** What a file's definitions come to. */
export interface Verdict {
  findings: Finding[];
  /** How many definitions of this kind the file has. */
  definitions: number;
  /** What AWS would answer to the first call that it refuses. */
  answer?: { code: string; message: string } | undefined;
}

export interface LintFile {
  name: string;
  text: string;
  /** @throws NotReadable */
  document(): Located;
}

/**
 * Judges the definitions of one kind in a file; undefined where the file is of another kind.
 * @throws NotReadable where it takes the document to know
 */
export type Lint = (file: LintFile, options: LintOptions) => Verdict | undefined;
