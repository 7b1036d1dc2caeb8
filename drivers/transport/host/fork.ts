import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { firstLine } from '../reasons.ts';
import type { PortHost } from './process.ts';

/**
 * What a native module may need to find its libraries and a place for its files; nothing that changes how Node runs.
 * Exported for the test that holds the kiosk's shell to the same list.
 */
export const passedOn: readonly string[] = [
  'PATH',
  'SystemRoot',
  'windir',
  'TEMP',
  'TMP',
  'TMPDIR',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  // Where pcsc-lite's clients find its daemon if not at the usual place (pcscd(8)).
  'PCSCLITE_CSOCK_NAME',
];

/**
 * Beside this module, whether that is the source or compiled; in a bundle, a program of that name has to be built beside
 * the bundle.
 */
const portHost = new URL(`./port-host${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export interface ForkedPortHost extends PortHost {
  /** Absent when it could not be started. */
  readonly pid: number | undefined;
}

/**
 * Starts `program` with the Node.js that runs this one. Its output goes nowhere, because a module's debugging output
 * would hold what residents' cards say.
 */
export function forkPortHost(program: URL = portHost): ForkedPortHost {
  const child = fork(fileURLToPath(program), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
    env: Object.fromEntries(
      passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
  });
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  child.on('error', (error) => end(`could not be started: ${firstLine(error)}`));
  child.on('exit', (code, signal) => end(signal === null ? `ended (${code})` : `was killed by ${signal}`));
  // One that has hung up without ending can be told nothing any more.
  child.on('disconnect', () => child.kill('SIGKILL'));
  return {
    pid: child.pid,
    // The callback keeps a message to a process that has just ended from being an uncaught error.
    send: (message) => void child.send(message, () => {}),
    onMessage: (listener) => void child.on('message', listener),
    onEnd: (listener) => void ended.then(listener),
    hold(held) {
      if (held) {
        child.ref();
        child.channel?.ref();
      } else {
        child.unref();
        child.channel?.unref();
      }
    },
    end: () => void child.kill('SIGKILL'),
  };
}
