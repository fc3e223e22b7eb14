import { elementReader } from './elements.ts';
import type { CoveredLine, FormatReader } from './format.ts';

const CONDITIONS = /\((\d{1,6})\/(\d{1,6})\)/;

/** Cobertura's XML. Lines stand there by class, and again by method. */
export function coberturaReader(found: (line: CoveredLine) => void): FormatReader {
  let path = '';
  return elementReader('COBERTURAXML', {
    root: 'coverage',
    within: ['sources', 'packages'],
    open(names, attributes) {
      const name = names.at(-1);
      if (name === 'class') path = attributes.get('filename') ?? '';
      if (name !== 'line') return;
      const [, covered, all] = CONDITIONS.exec(attributes.get('condition-coverage') ?? '') ?? [];
      found({
        path,
        line: Number(attributes.get('number')),
        covered: Number(attributes.get('hits')) > 0,
        ...(attributes.get('branch')?.toLowerCase() === 'true' && {
          branches: counted(Number(covered ?? 0), Number(all ?? 0)),
        }),
      });
    },
  });
}

const counted = (covered: number, all: number) => ({
  covered: Math.min(covered, all),
  missed: Math.max(all - covered, 0),
});
