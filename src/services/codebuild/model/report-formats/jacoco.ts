import { elementReader } from './elements.ts';
import type { CoveredLine, FormatReader } from './format.ts';

/** JaCoCo's XML: lines stand in source files, and those in packages. https://www.jacoco.org/jacoco/trunk/coverage/report.dtd */
export function jacocoReader(found: (line: CoveredLine) => void): FormatReader {
  let [folder, file] = ['', ''];
  return elementReader('JACOCOXML', {
    root: 'report',
    open(names, attributes) {
      const name = names.at(-1);
      if (name === 'package') folder = attributes.get('name') ?? '';
      if (name === 'sourcefile') file = attributes.get('name') ?? '';
      if (name !== 'line' || names.at(-2) !== 'sourcefile') return;
      const count = (which: string) => Number(attributes.get(which) ?? 0) || 0;
      const [covered, missed] = [count('cb'), count('mb')];
      found({
        path: folder ? `${folder}/${file}` : file,
        line: count('nr'),
        covered: count('ci') > 0,
        ...(covered + missed > 0 && { branches: { covered, missed } }),
      });
    },
  });
}
