/** What a technician is to do about a status, in a sentence each; the codes stand beside it for who knows them. */

/** The parts of a status that say what is in the way; each class has some of them. */
interface Telling {
  readonly device?: unknown;
  readonly paper?: unknown;
  readonly cover?: unknown;
  readonly cutter?: unknown;
  readonly toner?: unknown;
  readonly head?: unknown;
  readonly reason?: unknown;
}

/** Null when nothing is in the way that somebody could mend. Pure. */
export function adviceFor(status: Telling): string | null {
  const known: readonly (readonly [boolean, string])[] = [
    [status.cover === 'open', 'The cover is open: close it.'],
    [status.paper === 'jammed', 'Paper is jammed: open the printer, take it out, close the printer.'],
    [status.paper === 'out', 'The paper is out: put in paper.'],
    [status.toner === 'out', 'The toner is used up: put in a new one.'],
    [status.cutter === 'fault', 'The cutter is stuck: free it, then switch the printer off and on.'],
    [status.head === 'overheated', 'The print head is too hot: it goes on by itself when it has cooled.'],
    [
      status.reason === 'pcsc-module-missing',
      'The package for smart cards is missing: npm install smartcard (it is built on this machine).',
    ],
    [status.reason === 'pcsc-service-missing', "The system's smart card service does not run: start pcscd."],
    [
      status.device === 'offline',
      'The port opens, but nothing answers properly: is it switched on, is the cable in, is it the right port and speed (device detect)?',
    ],
    [
      status.device === 'hardwareError',
      'It reports a fault of its own: switch it off and on; if that does not help, it needs repair.',
    ],
  ];
  return known.find(([applies]) => applies)?.[1] ?? null;
}
