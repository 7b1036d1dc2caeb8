import path from 'node:path';
import { expect, test } from 'vitest';
import { breaches, importsOf, judge } from './arrows.ts';

const root = path.resolve(import.meta.dirname, '..');
const why = (file: string, ...imports: string[]) =>
  judge(file, imports.map((from) => `import ${JSON.stringify(from)};`).join('\n')).map(
    (breach) => breach.why,
  );

test('the house keeps its arrows', () => {
  const found = breaches(root).map(
    ({ file, imports, why: reason }) => `${file} imports ${imports}: ${reason}`,
  );
  expect(found).toEqual([]);
});

test('every way of importing is seen', () => {
  const source = `import a from './a.ts';
import type { B } from './b.ts';
export * from './c.ts';
export { d } from './d.ts';
const e = await import('./e.ts');
const f = await import(\`./\${e}.ts\`);
export { a, e, f };
export type { B };`;
  expect(importsOf('x.ts', source)).toEqual([
    './a.ts',
    './b.ts',
    './c.ts',
    './d.ts',
    './e.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source text of a computed import
    './${e}.ts',
  ]);
});

test('what is right is let through', () => {
  expect(
    why('kiosk/screen/app.tsx', 'react', '../bridge/index.ts', './a.tsx', '../../assets/texts/en.json'),
  ).toEqual([]);
  expect(why('kiosk/core/sync/lane.ts', 'node:fs', '@huimin/backend/contract', '../store/index.ts')).toEqual(
    [],
  );
  expect(
    why('kiosk/core/session/visit.ts', 'xstate', '../../bridge/index.ts', '@huimin/drivers/id-card-reader'),
  ).toEqual([]);
  expect(why('kiosk/core/main.ts', './session/index.ts', '../bench/index.ts')).toEqual([]);
  expect(why('kiosk/core/session/visit.ts', '../clock.ts')).toEqual([]);
  expect(why('drivers/receipt-printer/driver.ts', '../device.ts', '../transport/index.ts')).toEqual([]);
  expect(why('kiosk-backend/ingest/route.ts', '../contract/index.ts', '../storage/index.ts')).toEqual([]);
  expect(why('kiosk/screen/vite.config.ts', 'node:path', 'vite')).toEqual([]);
});

test('each kind of planted import is caught', () => {
  const cases: [file: string, imports: string, because: RegExp][] = [
    ['kiosk/screen/app.tsx', '../core/session/index.ts', /kiosk\/screen may not import kiosk\/core/],
    ['kiosk/screen/app.tsx', 'node:fs', /no Node/],
    ['kiosk/screen/app.tsx', 'fs', /no Node/],
    ['kiosk/screen/app.tsx', 'fastify', /does not use this package/],
    ['kiosk/bridge/index.ts', 'node:crypto', /no Node/],
    ['kiosk/bridge/index.ts', '../screen/index.ts', /may not import/],
    ['kiosk/core/session/visit.ts', '../../screen/app.tsx', /may not import kiosk\/screen/],
    ['kiosk/core/session/visit.ts', '../../shell/index.ts', /may not import kiosk\/shell/],
    ['kiosk/core/session/visit.ts', '../../bench/index.ts', /may not import kiosk\/bench/],
    ['kiosk/screen/app.tsx', '@huimin/backend/contract', /may not import kiosk-backend\/contract/],
    ['kiosk/bridge/message.ts', '@huimin/backend/contract', /may not import kiosk-backend\/contract/],
    ['kiosk/core/sync/lane.ts', '../../../kiosk-backend/ingest/index.ts', /may not import kiosk-backend/],
    ['kiosk/core/sync/lane.ts', '@huimin/backend/ingest', /only @huimin/],
    [
      'kiosk/core/session/visit.ts',
      '../store/journal.ts',
      /entered through its index.ts: kiosk\/core\/store/,
    ],
    ['kiosk/core/session/visit.ts', '../../bridge/message.ts', /entered through its index.ts/],
    ['kiosk/bench/desk.ts', '../core/session/index.ts', /may not import kiosk\/core/],
    ['kiosk/shell/start.ts', '../core/index.ts', /may not import kiosk\/core/],
    ['drivers/receipt-printer/driver.ts', '../../kiosk/bridge/index.ts', /may not import kiosk\/bridge/],
    ['drivers/receipt-printer/driver.ts', '../id-card-reader/codec.ts', /entered through its index.ts/],
    ['kiosk-backend/ingest/route.ts', '../../kiosk/bridge/index.ts', /may not import kiosk\/bridge/],
    ['kiosk-backend/ingest/route.ts', '../contract/wire.ts', /entered through its index.ts/],
    ['kiosk-backend/contract/wire.ts', '../storage/index.ts', /may not import kiosk-backend/],
  ];
  for (const [file, imports, because] of cases) {
    const found = why(file, imports);
    expect(found, `${file} -> ${imports}`).toHaveLength(1);
    expect(found[0]).toMatch(because);
  }
});

test('a folder that DESIGN.md does not know is a breach by itself', () => {
  expect(why('kiosk/attic/old.ts')).toEqual(['this file stands in no room of DESIGN.md']);
});
