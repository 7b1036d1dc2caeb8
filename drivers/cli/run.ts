import { ConfigError } from '../config.ts';
import { parseArguments, wantsJson } from './arguments.ts';
import { detect } from './commands/detect.ts';
import { list } from './commands/list.ts';
import { print } from './commands/print.ts';
import { read } from './commands/read.ts';
import { record } from './commands/record.ts';
import { status } from './commands/status.ts';
import { test } from './commands/test.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { helpText } from './help.ts';
import type { Invocation } from './invocation.ts';
import { PROGRAM } from './usage.ts';
import { type Voice, voiceOf, type World } from './world.ts';

/** One run of the program, from its arguments to its exit code. Whatever it opened is closed when it resolves. */
export async function run(world: World): Promise<ExitCode> {
  const voice = voiceOf(world, wantsJson(world.argv));
  const parsed = parseArguments(world.argv);
  if (!parsed.ok) {
    const exitCode = voice.misused(parsed.error);
    voice.hint(`${PROGRAM} --help tells what can be said.`);
    return exitCode;
  }
  try {
    return await carryOut(parsed.value, world, voice);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return voice.misused(error.message);
  }
}

function carryOut(invocation: Invocation, world: World, voice: Voice): Promise<ExitCode> {
  switch (invocation.command) {
    case 'help':
      world.stdout.write(`${helpText(invocation.topic)}\n`);
      return Promise.resolve(EXIT.done);
    case 'list':
      return list(world, voice);
    case 'status':
      return status(invocation, world, voice);
    case 'read':
      return read(invocation, world, voice);
    case 'print':
      return print(invocation, world, voice);
    case 'test':
      return test(invocation, world, voice);
    case 'record':
      return record(invocation, world, voice);
    case 'detect':
      return detect(invocation, world, voice);
    default:
      return invocation satisfies never;
  }
}
