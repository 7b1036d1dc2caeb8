import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pixelsPerMillimetre, usualDisplay } from './millimetres.ts';

describe('millimetres on the screen', () => {
  test('are exact on the display of the profile, however it is turned', () => {
    expect(pixelsPerMillimetre(usualDisplay, 1080, 1920)).toBeCloseTo(1080 / 336, 2);
    expect(pixelsPerMillimetre(usualDisplay, 1920, 1080)).toBeCloseTo(1080 / 336, 2);
    const turned = { ...usualDisplay, widthMm: 598, heightMm: 336 };
    expect(pixelsPerMillimetre(turned, 1080, 1920)).toBe(pixelsPerMillimetre(usualDisplay, 1080, 1920));
  });

  test('let the whole display fit into any window', () => {
    const side = fc.integer({ min: 200, max: 5000 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const mm = pixelsPerMillimetre(usualDisplay, width, height);
        const [long, short] = [Math.max(width, height), Math.min(width, height)];
        expect(mm * 598).toBeLessThanOrEqual(long + 1e-6);
        expect(mm * 336).toBeLessThanOrEqual(short + 1e-6);
      }),
    );
  });
});
