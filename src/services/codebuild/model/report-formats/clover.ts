import { elementReader } from './elements.ts';
import type { CoveredLine, FormatReader } from './format.ts';

/** OpenClover's XML, which Istanbul and PHPUnit write too. */
export function cloverReader(found: (line: CoveredLine) => void): FormatReader {
  let path = '';
  return elementReader('CLOVERXML', {
    root: 'coverage',
    within: ['project', 'testproject'],
    open(names, attributes) {
      const name = names.at(-1);
      if (name === 'file') path = attributes.get('path') ?? attributes.get('name') ?? '';
      if (name !== 'line' || names.at(-2) !== 'file') return;
      const runs = (which: string) => Number(attributes.get(which) ?? 0) || 0;
      const ways = [runs('truecount'), runs('falsecount')].filter((count) => count > 0).length;
      found({
        path,
        line: Number(attributes.get('num')),
        covered: runs('count') > 0 || ways > 0,
        ...(attributes.get('type') === 'cond' && {
          branches: { covered: ways, missed: 2 - ways },
        }),
      });
    },
  });
}
