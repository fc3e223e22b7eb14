import { expect, test } from 'vitest';
import { refusalReport } from './push-report.ts';

const refused = [{ name: 'refs/heads/main', reason: 'not\nnow' }];

test('a report as receive-pack writes it, in a side band where the client has one', () => {
  const plain = refusalReport(refused, ['report-status']);
  expect(plain?.toString()).toBe('000eunpack ok\n001fng refs/heads/main not now\n0000');
  const banded = refusalReport(refused, ['report-status-v2', 'side-band-64k'])?.toString();
  expect(banded).toBe(`0036\u0001${plain}0000`);
  expect(refusalReport(refused, ['side-band-64k'])).toBeUndefined();
});

test('no packet is longer than it may be, whatever is refused', () => {
  const many = Array.from({ length: 5_000 }, (_, i) => ({
    name: `refs/heads/${i}`,
    reason: 'x'.repeat(5_000),
  }));
  const long = [{ name: `refs/${'y'.repeat(65_400)}`, reason: 'z'.repeat(1_000) }];
  for (const band of ['side-band', 'side-band-64k']) {
    for (const each of [many, long]) {
      const report = refusalReport(each, ['report-status', band]) ?? Buffer.alloc(0);
      let at = 0;
      for (let length = -1; length !== 0; at += Math.max(length, 4)) {
        length = Number.parseInt(report.toString('latin1', at, at + 4), 16);
        expect(length).toBeLessThanOrEqual(band === 'side-band' ? 1_000 : 65_520);
      }
      expect(at).toBe(report.length);
    }
  }
});
