import { expect, test } from 'vitest';
import { pageSchema, snapshotSchema } from '../../bridge/index.ts';
import { idleSample, samples, snapshotOf } from './samples.ts';

const settings = { language: 'zh-CN', textSize: 0, contrast: 'normal', elder: false } as const;

test('every screen of the bridge has a sample, and every sample is a snapshot', () => {
  const screens = pageSchema.options.map((option) => option.shape.screen.value);
  expect(Object.keys(samples).sort()).toEqual([...screens].sort());
  for (const [screen, variants] of Object.entries(samples)) {
    expect(variants.length, screen).toBeGreaterThan(0);
    for (const sample of variants) {
      expect(sample.view.screen).toBe(screen);
      expect(snapshotSchema.safeParse(snapshotOf(sample, 1, settings)).error).toBeUndefined();
    }
  }
  expect(snapshotSchema.safeParse(snapshotOf(idleSample, 1, settings)).success).toBe(true);
});
