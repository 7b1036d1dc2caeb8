import { expect, test } from 'vitest';
import { nextDelay } from './backoff.ts';
import { Family, within } from './family.ts';
import { probePort } from './ports.ts';

const quiet = () => {};
const node = (family: Family, script: string, more = {}) =>
  family.start('program', process.execPath, ['-e', script], { quiet, ready: /^ready x (\S+)$/, ...more });

test('the ready line gives the address, also when it comes in pieces among others', async () => {
  const family = new Family();
  const member = node(
    family,
    `process.stdout.write('hello\\nready x http://127');
     setTimeout(() => process.stdout.write('.0.0.1:1/\\nmore\\n'), 20);
     process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);`,
  );
  expect(await member.ready).toBe('http://127.0.0.1:1/');
  await family.end(2000);
  expect(await member.ended).toEqual({ code: 0, how: 'exit code 0' });
});

test('how a program ended is told', async () => {
  const family = new Family();
  expect(await node(family, 'process.exit(3)').ended).toEqual({ code: 3, how: 'exit code 3' });
  const killed = await node(family, 'process.kill(process.pid, "SIGKILL")').ended;
  expect(killed).toEqual({ code: undefined, how: 'signal SIGKILL' });
  const none = await family.start('none', '/nowhere/at-all', [], { quiet }).ended;
  expect(none.how).toMatch(/^cannot be started: .*ENOENT/);
  await family.end(100);
});

test('who does not end when asked is ended, with what it started', async () => {
  const family = new Family();
  const stubborn = `process.on('SIGTERM', () => {});`;
  const grandchild = `${stubborn} const server = require('node:net').createServer();
    server.listen(0, '127.0.0.1', () => console.log('ready x ' + server.address().port));`;
  const member = node(
    family,
    `${stubborn} require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'inherit' });
     setInterval(() => {}, 1000);`,
  );
  const port = Number(await member.ready);
  expect(await probePort(port)).toBe('taken');
  await family.end(50);
  expect(await member.ended).toMatchObject({ how: 'signal SIGKILL' });
  await expect.poll(() => probePort(port)).toBe('free');
});

test('once everything is being ended nothing starts', async () => {
  const family = new Family();
  await family.end(10);
  expect(family.closed).toBe(true);
  expect(await node(family, '').ended).toMatchObject({ how: 'not started' });
});

test('waiting has an end', async () => {
  expect(await within(5, new Promise(() => {}))).toBe(undefined);
  expect(await within(10_000, Promise.resolve('done'))).toBe('done');
});

test('a browser that keeps ending is started more and more slowly, at most every half minute', () => {
  const delays: number[] = [];
  for (let last: number | undefined; delays.length < 7; delays.push(last)) last = nextDelay(last, 100);
  expect(delays).toEqual([1, 2, 4, 8, 16, 30, 30]);
  expect(nextDelay(30, 60_000)).toBe(1);
});
