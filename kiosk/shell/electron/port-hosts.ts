import type { ElectronApi, UtilityProcess } from './api.ts';

export interface PortHostsOptions {
  /** Absolute path of the built program that holds a device's port. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * What a native module may need to find its libraries and a place for its files; nothing that changes how Node runs. The
 * same as in the drivers, which the shell may not import: a journey's test compares the two.
 */
const passedOn = [
  ...['PATH', 'SystemRoot', 'windir', 'TEMP', 'TMP', 'TMPDIR', 'HOME', 'LANG', 'LC_ALL', 'TZ'],
  'PCSCLITE_CSOCK_NAME',
];

/**
 * Gives the core what it cannot start by itself: a process for each device's port, so that a native module that crashes
 * takes neither core nor shell along. The core asks with `{ type: 'port-host', id }` and gets the same back with one
 * end of a channel whose other end the new process has; it ends one with `{ type: 'end-port-host', id }`, and is told
 * of an end with `{ type: 'port-host-ended', id, code }`. All of them end with the core.
 */
export function servePortHosts(
  electron: Pick<ElectronApi, 'utilityProcess' | 'MessageChannelMain'>,
  core: UtilityProcess,
  { program, environment }: PortHostsOptions,
): void {
  const hosts = new Map<number, UtilityProcess>();
  const env = Object.fromEntries(
    passedOn.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );

  const start = (id: number): void => {
    // A device module's output would hold what residents' cards say.
    const host = electron.utilityProcess.fork(program, [], {
      stdio: 'ignore',
      serviceName: 'kiosk port',
      env,
    });
    hosts.set(id, host);
    const { port1, port2 } = new electron.MessageChannelMain();
    host.postMessage({ type: 'port' }, [port2]);
    core.postMessage({ type: 'port-host', id }, [port1]);
    host.on('exit', (code) => {
      if (hosts.delete(id)) core.postMessage({ type: 'port-host-ended', id, code }, []);
    });
  };

  core.on('message', (message) => {
    if (typeof message !== 'object' || message === null) return;
    const { type, id } = message as Readonly<Record<string, unknown>>;
    if (typeof id !== 'number') return;
    if (type === 'port-host' && !hosts.has(id)) start(id);
    if (type === 'end-port-host') hosts.get(id)?.kill();
  });
  core.on('exit', () => {
    const orphans = [...hosts.values()];
    hosts.clear();
    for (const host of orphans) host.kill();
  });
}
