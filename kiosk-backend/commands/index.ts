/** What can be typed after `npm run backend --`; a file for each. */
import { access } from './access.ts';
import { audit } from './audit.ts';
import { backup } from './backup.ts';
import { code } from './code.ts';
import type { Command } from './command.ts';
import { forget } from './forget.ts';
import { restore } from './restore.ts';
import { retain } from './retain.ts';
import { revoke } from './revoke.ts';
import { revokeKiosk } from './revoke-kiosk.ts';
import { serve } from './serve.ts';
import { shares } from './shares.ts';
import { takeIn } from './take-in.ts';

export { type Command, type CommandCall, UserError } from './command.ts';

/** The first runs when no word is typed. */
export const commands: readonly [Command, ...Command[]] = [
  serve,
  code,
  revoke,
  revokeKiosk,
  audit,
  access,
  forget,
  retain,
  backup,
  restore,
  takeIn,
  shares,
];
