// The shell starts port hosts in Electron as the drivers do elsewhere, and may not import them: it has a list of its own.
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { passedOn } from '../../drivers/transport/host/fork.ts';
import type { UtilityProcess } from '../shell/electron/api.ts';
import { servePortHosts } from '../shell/electron/port-hosts.ts';

test('a port host in Electron gets the same of the environment as one anywhere else', () => {
  const utilityProcess = (): UtilityProcess =>
    Object.assign(new EventEmitter(), { postMessage() {}, kill: () => true }) as unknown as UtilityProcess;
  const environments: Readonly<Record<string, string>>[] = [];
  const core = utilityProcess();
  servePortHosts(
    {
      utilityProcess: {
        fork(_program: string, _args: readonly string[], options: { env: Readonly<Record<string, string>> }) {
          environments.push(options.env);
          return utilityProcess();
        },
      },
      MessageChannelMain: class {
        port1 = {};
        port2 = {};
      },
    } as unknown as Parameters<typeof servePortHosts>[0],
    core,
    {
      program: '/app/port-host.js',
      // Every variable that there could be.
      environment: new Proxy({}, { get: (_, name) => String(name) }),
    },
  );
  (core as unknown as EventEmitter).emit('message', { type: 'port-host', id: 1 });
  expect(environments.map((environment) => Object.keys(environment).sort())).toEqual([[...passedOn].sort()]);
});
