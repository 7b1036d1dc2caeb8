import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { open } from './fixtures/store.ts';

const KILLS = 12;
/** The same kills every time, as far as a machine does the same; another number for other ones. */
const SEED = Number(process.env.HUIMIN_KILL_SEED ?? 20261122);
/** A life ends so many words, and then so many milliseconds, after its beginning at the latest. */
const MOST_WORDS = 80;
const LONGEST_MS = 10;

/** One file of what the process needs and no more: it starts in a fifth of the time. Beside its packages, which it finds from there. */
const dists = join(import.meta.dirname, 'dist');
mkdirSync(dists, { recursive: true });
const dist = mkdtempSync(join(dists, 'killed-'));
const program = join(dist, 'killed.mjs');
beforeAll(() =>
  build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    ssr: { noExternal: [/^@huimin\//] },
    build: {
      ssr: join(import.meta.dirname, 'fixtures/killed.ts'),
      outDir: dist,
      emptyOutDir: true,
      rolldownOptions: {
        treeshake: { moduleSideEffects: false },
        output: { entryFileNames: 'killed.mjs' },
      },
    },
  }),
);
afterAll(() => rmSync(dist, { recursive: true, force: true }));

let folder: string;
let ready: Child | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'killed-'));
});
afterEach(() => {
  ready?.process.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: string[];
  readonly ended: Promise<void>;
  /** Until it has said so many lines. */
  said(lines: number): Promise<void>;
}

/** Started ahead, so that it has read its program when it is its turn. */
function start(life: number): Child {
  const process_ = spawn(process.execPath, [program, folder, String(life)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  let rest = '';
  let heard: () => void = () => undefined;
  process_.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    heard();
  });
  process_.stdin.on('error', () => undefined);
  const ended = new Promise<void>((done) => process_.once('close', () => done()));
  const said = (count: number): Promise<void> =>
    new Promise((done) => {
      heard = () => {
        if (lines.length >= count) done();
      };
      heard();
    });
  return { process: process_, lines, ended, said };
}

test(`killed ${KILLS} times at any moment, it has everything it acknowledged, once, in order`, async () => {
  let state = SEED;
  const chance = (share: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * share);
  };
  const kept: string[] = [];
  const tried = new Set<string>();
  const sent = new Set<string>();
  const answered = new Set<string>();
  let number = 0;
  let segments = 0;
  ready = start(0);
  for (let life = 0; life < KILLS; life++) {
    const child = ready;
    child.process.stdin.write('go\n');
    ready = start(life + 1);
    // Most lives end at work, some before the first word.
    if (life % 6 > 0) await Promise.race([child.said(1 + chance(MOST_WORDS)), child.ended]);
    await new Promise((done) => setTimeout(done, chance(LONGEST_MS)));
    child.process.kill('SIGKILL');
    await child.ended;
    for (const line of child.lines) {
      const [what, value = ''] = line.split(' ');
      if (what === 'try') tried.add(value);
      else if (what === 'kept') kept.push(value);
      else if (what === 'answer') sent.add(value);
      else if (what === 'answered') answered.add(value);
      else if (what === 'number') {
        expect(Number(value), `seed ${SEED}, life ${life}`).toBeGreaterThan(number);
        number = Number(value);
      }
    }
    const damage: string[] = [];
    const store = await open(folder, { onDamage: (sentence) => damage.push(sentence) });
    const events = await store.unsent(100_000);
    const found = events.map(({ body }) => (body.kind === 'help.requested' ? body.screen : ''));
    const acknowledged = kept.filter((label) => !sent.has(label));
    const present = new Set(found);
    expect(
      {
        twice: found.length - present.size,
        missing: acknowledged.filter((label) => !present.has(label)),
        neverMade: found.filter((label) => !tried.has(label)),
        comeBack: found.filter((label) => answered.has(label)),
        disordered: events.filter(({ sequence }, index) => sequence <= (events[index - 1]?.sequence ?? 0)),
        damage: damage.filter((sentence) => !sentence.includes('an unfinished commit')),
      },
      `seed ${SEED}, life ${life}`,
    ).toEqual({ twice: 0, missing: [], neverMade: [], comeBack: [], disordered: [], damage: [] });
    if (store.endorsement !== null) expect(100_000 - store.numbersLeft()).toBeGreaterThanOrEqual(number);
    await store.close();
    segments = Math.max(
      segments,
      ...readdirSync(folder).map((name) => Number(/^journal-(\d+)/.exec(name)?.[1] ?? 0)),
    );
  }
  expect(kept.length).toBeGreaterThan(2 * KILLS);
  expect(segments).toBeGreaterThan(4);
}, 300_000);
