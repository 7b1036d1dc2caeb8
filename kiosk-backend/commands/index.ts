/** What can be typed after `npm run backend --`; a file for each. */
import { code } from './code.ts';
import type { Command } from './command.ts';
import { revoke } from './revoke.ts';
import { serve } from './serve.ts';

export { type Command, type CommandCall, UserError } from './command.ts';

/** The first runs when no word is typed. */
export const commands: readonly [Command, ...Command[]] = [serve, code, revoke];
