/** Tools we did not write, for tests: run when they are installed. */
import { execFileSync, spawnSync } from 'node:child_process';

/** Whether a program can be started here. */
export const hasTool = (name: string): boolean => spawnSync(name, ['--version']).error === undefined;

/** A test's name that says why it is skipped, where the tool is absent. */
export const needing = (tool: string, name: string): string =>
  hasTool(tool) ? name : `${name} (skipped: ${tool} is not installed)`;

/** Runs a tool to its end and answers what it printed; throws when it fails. */
export const run = (tool: string, ...parameters: readonly string[]): string =>
  execFileSync(tool, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Runs a tool that may fail: its exit code and everything it said. */
export const attempt = (
  tool: string,
  ...parameters: readonly string[]
): { code: number | null; said: string } => {
  const { status, stdout, stderr } = spawnSync(tool, parameters, { encoding: 'utf8' });
  return { code: status, said: `${stdout}${stderr}` };
};
