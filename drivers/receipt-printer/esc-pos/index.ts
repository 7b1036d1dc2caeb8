/** The bytes to and from the printer, and nothing else. */

export { createCommandParser, type PrinterCommand } from './command-parser.ts';
export { type AnswerEvent, createDemultiplexer } from './demultiplexer.ts';
export { BARRIER, CUT, encodeReceipt, INITIALISE } from './encode.ts';
export { receiptRedaction } from './redaction.ts';
export {
  ASK_MODEL,
  AUTOMATIC_STATUS_OFF,
  AUTOMATIC_STATUS_ON,
  askStatus,
  decodeRealTime,
  isRealTimeAnswer,
  NOTHING_WRONG,
  type PrinterCondition,
  RECOVER_AND_CLEAR,
  RECOVER_AND_CONTINUE,
  STATUS_QUERIES,
  type StatusQuery,
} from './status.ts';
