import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Migrations of a large database take their time; longer than so is a fault. */
const READY_WITHIN_MS = 5 * 60_000;

/** A backend in a process of its own, as an operator starts it. */
export interface BackendProcess {
  readonly url: string;
  close(): Promise<void>;
}

export async function startBackendProcess(options: {
  readonly data: string;
  readonly databaseUrl: string | undefined;
}): Promise<BackendProcess> {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [main, '--data', options.data, '--port', '0'], {
    env: options.databaseUrl === undefined ? env : { ...env, DATABASE_URL: options.databaseUrl },
    // The channel is closed when this process ends, however it ends, and then the backend ends too.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let late: NodeJS.Timeout | undefined;
  const url = await new Promise<string>((resolve, reject) => {
    late = setTimeout(() => {
      reject(new Error('The backend did not become ready in time'));
      child.kill('SIGKILL');
    }, READY_WITHIN_MS);
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const ready = /^ready backend (\S+)$/m.exec(said)?.[1];
      if (ready !== undefined) resolve(ready);
    });
    child.once('exit', (code) => reject(new Error(`The backend ended with code ${code}`)));
    child.once('error', reject);
  }).finally(() => clearTimeout(late));
  return {
    url,
    close: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
