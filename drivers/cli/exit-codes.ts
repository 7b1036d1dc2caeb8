import type { CommandError } from '../device.ts';

/** How the program ends, for scripts. */
export const EXIT = {
  done: 0,
  /** The device says no, a check failed, or the outcome is unknown. */
  no: 1,
  /** Wrong usage, configuration or input file. */
  usage: 2,
  /** No such device or port, or it went away. */
  absent: 3,
  /** Nobody laid a card, scanned a code, or the device took too long. */
  timedOut: 4,
  /** Ctrl+C: 128 + SIGINT, as shells count. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means, in the words of `--help`. */
export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.done, 'done'],
  [EXIT.no, 'the device says no, a check failed, or the outcome is unknown'],
  [EXIT.usage, 'wrong usage, configuration or input file'],
  [EXIT.absent, 'no such device or port, or it went away'],
  [EXIT.timedOut, 'timed out: nobody laid a card or scanned a code, or the device took too long'],
  [EXIT.interrupted, 'interrupted (Ctrl+C)'],
];

export function exitCodeOf({ code }: CommandError): ExitCode {
  switch (code) {
    case 'timeOut':
      return EXIT.timedOut;
    case 'canceled':
      return EXIT.interrupted;
    case 'deviceNotReady':
      return EXIT.absent;
    case 'invalidCommand':
      return EXIT.usage;
    case 'commandErrorCode':
    case 'hardwareError':
    case 'internalError':
    case 'unsupportedCommand':
    case 'invalidData':
    case 'sequenceError':
    case 'authorisationRequired':
      return EXIT.no;
    default:
      return code satisfies never;
  }
}
