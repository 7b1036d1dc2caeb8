/**
 * What an ESC/POS printer is asked for, and what the bytes of its answers mean. Pure.
 *
 * Three kinds of answers share one stream and tell each other apart by fixed bits (Epson ESC/POS, "DLE EOT",
 * "GS a", "GS r"): a real-time answer has `b & 0x93 == 0x12`; automatic status starts with `b & 0x93 == 0x10` and
 * three bytes with `b & 0x90 == 0x00`; an answer to GS r has `b & 0x90 == 0x00`.
 */

/** Which real-time status is asked for: 1 printer, 2 cause of being offline, 3 error, 4 paper. */
export type StatusQuery = 1 | 2 | 3 | 4;

export const STATUS_QUERIES: readonly StatusQuery[] = [1, 2, 3, 4];

/** DLE EOT n. */
export const askStatus = (query: StatusQuery): Uint8Array => Uint8Array.of(0x10, 0x04, query);

/** DLE ENQ 1: recover from an error and go on with the line in which it happened; the buffer is kept. */
export const RECOVER_AND_CONTINUE = Uint8Array.of(0x10, 0x05, 0x01);
/** DLE ENQ 2: recover from an error and forget everything in the buffer. */
export const RECOVER_AND_CLEAR = Uint8Array.of(0x10, 0x05, 0x02);

/**
 * GS a: report by yourself whatever changes in being on line (bit 1), in errors (2) and in the paper (3). The byte is
 * no printable character, so that a printer without the command prints nothing for it.
 */
export const AUTOMATIC_STATUS_ON = Uint8Array.of(0x1d, 0x61, 0x0e);
export const AUTOMATIC_STATUS_OFF = Uint8Array.of(0x1d, 0x61, 0x00);

/**
 * GS I 67: the model's name, answered as 5F, text, 00. A printer without the command may take the last byte for the
 * letter C; the initialisation behind it (ESC @) clears the line buffer, so that it is never printed.
 */
export const ASK_MODEL = Uint8Array.of(0x1d, 0x49, 0x43, 0x1b, 0x40);

export const isRealTimeAnswer = (byte: number): boolean => (byte & 0x93) === 0x12;
export const isAutomaticStart = (byte: number): boolean => (byte & 0x93) === 0x10;
/** The 2nd to 4th byte of automatic status, and the answer to GS r. */
export const isPlainByte = (byte: number): boolean => (byte & 0x90) === 0x00;

/** Everything real-time status can tell; a query fills in its own part. */
export interface PrinterCondition {
  readonly offline: boolean;
  readonly waitingForRecovery: boolean;
  readonly coverOpen: boolean;
  readonly stoppedOnPaperEnd: boolean;
  readonly error: boolean;
  readonly mechanicalError: boolean;
  readonly cutterError: boolean;
  readonly unrecoverableError: boolean;
  readonly selfClearingError: boolean;
  readonly paperNearEnd: boolean;
  readonly paperEnd: boolean;
}

/** The condition of a printer that has nothing to complain about. */
export const NOTHING_WRONG: PrinterCondition = {
  offline: false,
  waitingForRecovery: false,
  coverOpen: false,
  stoppedOnPaperEnd: false,
  error: false,
  mechanicalError: false,
  cutterError: false,
  unrecoverableError: false,
  selfClearingError: false,
  paperNearEnd: false,
  paperEnd: false,
};

const bit = (byte: number, index: number): boolean => ((byte >> index) & 1) === 1;

/** The part of the condition told by a real-time answer, or null when the byte is none. */
export const decodeRealTime = (query: StatusQuery, byte: number): Partial<PrinterCondition> | null => {
  if (!Number.isInteger(byte) || byte < 0 || byte > 0xff || !isRealTimeAnswer(byte)) return null;
  switch (query) {
    case 1:
      return { offline: bit(byte, 3), waitingForRecovery: bit(byte, 5) };
    case 2:
      return { coverOpen: bit(byte, 2), stoppedOnPaperEnd: bit(byte, 5), error: bit(byte, 6) };
    case 3:
      return {
        mechanicalError: bit(byte, 2),
        cutterError: bit(byte, 3),
        unrecoverableError: bit(byte, 5),
        selfClearingError: bit(byte, 6),
      };
    case 4:
      return { paperNearEnd: (byte & 0x0c) !== 0, paperEnd: (byte & 0x60) !== 0 };
  }
};

/** The condition told by the four bytes of automatic status. */
export const decodeAutomatic = (bytes: readonly [number, number, number, number]): PrinterCondition => ({
  ...NOTHING_WRONG,
  offline: bit(bytes[0], 3),
  coverOpen: bit(bytes[0], 5),
  mechanicalError: bit(bytes[1], 2),
  cutterError: bit(bytes[1], 3),
  unrecoverableError: bit(bytes[1], 5),
  selfClearingError: bit(bytes[1], 6),
  paperNearEnd: (bytes[2] & 0x03) !== 0,
  paperEnd: (bytes[2] & 0x0c) !== 0,
});
