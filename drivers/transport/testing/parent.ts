// A program that holds a port: says the process id of the port's host, then waits to be ended from outside; with
// `close` it closes the port again, and has nothing left to do.
import { forkPortHost, hostedTransport } from '../index.ts';

let pid: number | undefined;
const opened = await hostedTransport(
  { kind: 'serial', path: process.argv[2] ?? '', baudRate: 9600 },
  {
    startPortHost() {
      const host = forkPortHost();
      pid = host.pid;
      return host;
    },
  },
).open();
process.stdout.write(`${opened.ok ? pid : opened.error}\n`);
if (opened.ok && process.argv[3] === 'close') await opened.value.close();
