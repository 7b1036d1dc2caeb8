import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseProfiles, profiles } from '../id-card-reader/index.ts';
import { parseArguments } from './arguments.ts';
import { parseReceiptFile } from './receipt-file.ts';
import { PROGRAM } from './usage.ts';

/** The README says nothing that is not tried: examples are files that run elsewhere in the tests, the rest is parsed here. */
const home = path.resolve(import.meta.dirname, '..');
const readme = readFileSync(path.join(home, 'README.md'), 'utf8');

interface Block {
  readonly check: string;
  readonly language: string;
  readonly code: string;
}
const blocks: readonly Block[] = [...readme.matchAll(/(?:<!-- (.+) -->\n)?```(\w+)\n([\s\S]*?)```\n/g)].map(
  ([, check = '', language = '', code = '']) => ({ check, language, code }),
);

/** As a shell splits a line. */
const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );

test.each(blocks)('$check ($language)', ({ check, code }) => {
  const [kind, name] = check.split(': ');
  switch (`${kind}: ${kind === 'check' ? name : ''}`) {
    case 'example: ':
      expect(readFileSync(path.join(home, 'examples', name ?? ''), 'utf8')).toBe(code);
      break;
    case 'check: commands':
      for (const line of code.trim().split('\n')) {
        const [program, ...argv] = words(line);
        expect(program).toBe(PROGRAM);
        expect(parseArguments(argv)).toMatchObject({ ok: true });
      }
      break;
    case 'check: receipt':
      expect(parseReceiptFile(code)).toMatchObject({ ok: true });
      break;
    case 'check: profiles':
      expect(parseProfiles(JSON.parse(code))).toHaveLength(1);
      break;
    default:
      throw new Error(`nobody checks this: ${code}`);
  }
});

test('the program is installed under the name by which it is called', () => {
  const { bin } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8'));
  expect(bin).toEqual({ [PROGRAM]: './cli/main.ts' });
});

test('every link leads to a file', () => {
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
  expect(links.length).toBeGreaterThan(5);
  // The licence is put beside it when the package is built.
  for (const link of links.filter((target) => target !== 'LICENSE')) {
    expect(existsSync(path.join(home, link)), link).toBe(true);
  }
});

test('the udev rules name every USB reader', () => {
  const rules = readFileSync(path.join(home, 'udev/60-huimin-kiosk.rules'), 'utf8');
  for (const profile of profiles) {
    if (profile.is !== 'reader') continue;
    for (const id of profile.usb) {
      const [vendor, product] = id.split(':');
      const subsystem = profile.transport === 'hid' ? 'hidraw' : 'usb';
      expect(rules).toMatch(
        new RegExp(
          `SUBSYSTEM=="${subsystem}", ATTRS?\\{idVendor\\}=="${vendor}", ATTRS?\\{idProduct\\}=="${product}"`,
        ),
      );
    }
  }
});
