import { basename } from 'node:path';
import type { Finding, Lint, LintFile } from '../../../kit/lint/lint.ts';
import {
  entryOf,
  NotReadable,
  placeOf,
  pointerOf,
  readLocated,
  START,
} from '../../../lib/located.ts';
import { readBatchSpec } from '../model/batch/spec.ts';
import { readBuildspec } from '../model/buildspec.ts';
import { inOrder } from '../model/yaml-reader.ts';
import { MAX_TEXT_BYTES } from '../sources/source.ts';
import { warnings } from './warnings.ts';

const CODE = 'YAML_FILE_ERROR';

/** Judges a buildspec as the build does that reads it, to its end. */
export const lintBuildspec: Lint = (file, { asked }) => {
  if (!asked && !isBuildspec(file)) return undefined;
  if (file.text.length > MAX_TEXT_BYTES) {
    const message = `It is larger than ${MAX_TEXT_BYTES} bytes`;
    return {
      ...{ definitions: 1, answer: { code: CODE, message } },
      findings: [{ ...{ severity: 'error', code: CODE, message }, pointer: '', at: START }],
    };
  }
  const { spec, problems, remarks } = readBuildspec(file.text);
  // JSON is YAML to who reads a buildspec.
  const document = spec && readLocated(file.text, 'buildspec.yml');
  const batch = document && entryOf(document, 'batch') ? readBatchSpec(file.text) : undefined;
  const errors = inOrder([...problems, ...(batch?.problems ?? [])]).map(
    ({ message, at, path }): Finding => ({
      ...{ severity: 'error', code: CODE, message, at },
      pointer: pointerOf(path),
    }),
  );
  const warned = remarks.map(
    ({ code, message, at, path }): Finding => ({
      ...{ severity: 'warning', code, message, at },
      pointer: pointerOf(path),
    }),
  );
  const more = spec && document ? warnings(spec, batch?.spec) : [];
  const located = more.map(
    ({ code, message, path }): Finding => ({
      ...{ severity: 'warning', code, message },
      ...{ pointer: pointerOf(path), at: document ? placeOf(document, path) : START },
    }),
  );
  const [first] = errors;
  return {
    findings: [...errors, ...warned, ...located],
    ...{ definitions: 1, answer: first && { code: CODE, message: first.message } },
  };
};

/** Keys at the top of files of other kinds. */
const OTHERS = ['Resources', 'pipeline', 'stages', 'os'];

/** By its name, or by its version and what only buildspecs have; by neither where it has what others have. */
function isBuildspec(file: LintFile): boolean {
  const named = /buildspec/i.test(basename(file.name));
  try {
    const document = file.document();
    if (OTHERS.some((key) => entryOf(document, key))) return false;
    const version = entryOf(document, 'version')?.value;
    const versioned = version?.kind === 'scalar' && /^0\.[12]$/.test(version.text.trim());
    return named || (versioned && ['phases', 'batch'].some((key) => entryOf(document, key)));
  } catch (error) {
    if (error instanceof NotReadable) return named;
    throw error;
  }
}
