import { type CommandError, commandError } from '../device.ts';
import { meaningOf, SW3 } from './codec.ts';

/** The security module can do nothing for anybody. */
export const samOutOfOrder = (sw3: number): boolean =>
  sw3 === SW3.samSelfTest || sw3 === SW3.samNotAuthorised;

/** The request arrived damaged. */
export const garbledRequest = (sw3: number): boolean =>
  sw3 === SW3.requestChecksum || sw3 === SW3.requestLength;

/** What a status other than success means for a command that has nothing to do with a card. */
export function refusal(sw3: number): CommandError {
  switch (sw3) {
    case SW3.samSelfTest:
      return commandError('hardwareError', 'sam-failed', meaningOf(sw3));
    case SW3.samNotAuthorised:
      return commandError('hardwareError', 'sam-not-authorised', meaningOf(sw3));
    case SW3.badCommand:
      return commandError('unsupportedCommand', 'unsupported', meaningOf(sw3));
    case SW3.notPermitted:
      return commandError('authorisationRequired', 'not-permitted', meaningOf(sw3));
    default:
      return commandError('commandErrorCode', 'refused', meaningOf(sw3));
  }
}

export const noAnswer = (silent: boolean, where = ''): CommandError =>
  commandError(
    'hardwareError',
    'no-answer',
    `the reader ${silent ? 'does not answer' : 'answers only noise'}${where}`,
  );
