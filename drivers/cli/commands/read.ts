import type { ExitCode } from '../exit-codes.ts';
import type { ReadInvocation } from '../invocation.ts';
import type { Voice, World } from '../world.ts';
import { readCode } from './read-code.ts';
import { readIcCard } from './read-ic-card.ts';
import { readIdCard } from './read-id-card.ts';

/** One card or one code. */
export function read(invocation: ReadInvocation, world: World, voice: Voice): Promise<ExitCode> {
  const { subject } = invocation;
  switch (subject) {
    case 'id-card':
      return readIdCard(invocation, world, voice);
    case 'code':
      return readCode(invocation, world, voice);
    case 'ic-card':
      return readIcCard(invocation, world, voice);
    default:
      return subject satisfies never;
  }
}
