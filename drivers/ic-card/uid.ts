import { type CommandError, commandError, err, ok, type Result } from '../device.ts';
import { type Dialogue, exchange, GET_UID, meaningOf } from './apdu.ts';
import { masked } from './masked.ts';

/** A badge, by its number. */
export interface Badge {
  /** Hexadecimal, capital letters: 4, 7 or 10 bytes (ISO/IEC 14443-3), 8 for ISO/IEC 15693. */
  readonly uid: string;
}

const UID_LENGTHS: readonly number[] = [4, 7, 8, 10];
/** ISO/IEC 14443-3: a number of four bytes that begins so is another one each time. */
const RANDOM = 0x08;

/** Asks for a badge's number. Reasons: `no-uid`, `random-uid` (phones and bank cards), `card-failed`. */
export function* readUidDialogue(): Dialogue<Result<Badge, CommandError>> {
  const answer = yield* exchange(GET_UID);
  const told = `the reader answered ${answer.status.toString(16).padStart(4, '0')}`;
  if (meaningOf(answer.status) !== 'ok') {
    return meaningOf(answer.status) === 'not-supported'
      ? err(commandError('invalidData', 'no-uid', told))
      : err(commandError('hardwareError', 'card-failed', told));
  }
  const { data } = answer;
  if (!UID_LENGTHS.includes(data.length)) {
    return err(commandError('hardwareError', 'card-failed', `a number of ${data.length} bytes is none`));
  }
  if (data.length === 4 && data[0] === RANDOM) {
    return err(commandError('invalidData', 'random-uid', 'this card shows another number each time'));
  }
  const uid = Buffer.from(data).toString('hex').toUpperCase();
  data.fill(0);
  return ok(masked({ uid }, 'Badge(masked)'));
}
