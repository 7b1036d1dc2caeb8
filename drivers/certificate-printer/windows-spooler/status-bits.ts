/**
 * What the Windows spooler's status bits (winspool.h) mean, in the driver's terms. Pure. Bits that a later Windows adds
 * are ignored.
 */

import { JOB_STATE, PRINTER_STATE } from '../print-service.ts';

/** PRINTER_INFO_2.Status */
export const PRINTER_STATUS = {
  PAUSED: 0x00000001,
  ERROR: 0x00000002,
  PENDING_DELETION: 0x00000004,
  PAPER_JAM: 0x00000008,
  PAPER_OUT: 0x00000010,
  MANUAL_FEED: 0x00000020,
  PAPER_PROBLEM: 0x00000040,
  OFFLINE: 0x00000080,
  IO_ACTIVE: 0x00000100,
  BUSY: 0x00000200,
  PRINTING: 0x00000400,
  OUTPUT_BIN_FULL: 0x00000800,
  NOT_AVAILABLE: 0x00001000,
  WAITING: 0x00002000,
  PROCESSING: 0x00004000,
  INITIALIZING: 0x00008000,
  WARMING_UP: 0x00010000,
  TONER_LOW: 0x00020000,
  NO_TONER: 0x00040000,
  PAGE_PUNT: 0x00080000,
  USER_INTERVENTION: 0x00100000,
  OUT_OF_MEMORY: 0x00200000,
  DOOR_OPEN: 0x00400000,
  SERVER_UNKNOWN: 0x00800000,
  POWER_SAVE: 0x01000000,
  SERVER_OFFLINE: 0x02000000,
  DRIVER_UPDATE_NEEDED: 0x04000000,
} as const;
type PrinterBit = keyof typeof PRINTER_STATUS;

/** PRINTER_INFO_2.Attributes: somebody has told the queue to wait. */
export const PRINTER_ATTRIBUTE_WORK_OFFLINE = 0x00000400;

/** JOB_INFO_2.Status */
export const JOB_STATUS = {
  PAUSED: 0x00000001,
  ERROR: 0x00000002,
  DELETING: 0x00000004,
  SPOOLING: 0x00000008,
  PRINTING: 0x00000010,
  OFFLINE: 0x00000020,
  PAPEROUT: 0x00000040,
  PRINTED: 0x00000080,
  DELETED: 0x00000100,
  BLOCKED_DEVQ: 0x00000200,
  USER_INTERVENTION: 0x00000400,
  RESTART: 0x00000800,
  COMPLETE: 0x00001000,
  RETAINED: 0x00002000,
  RENDERING_LOCALLY: 0x00004000,
} as const;
type JobBit = keyof typeof JOB_STATUS;

/** `stopped`: nothing is printed while it is set. `busy`: something is. `reason` is IPP's keyword, where it has one. */
const PRINTER: Record<PrinterBit, { readonly state?: 'stopped' | 'busy'; readonly reason?: string }> = {
  PAUSED: { state: 'stopped', reason: 'paused' },
  ERROR: { state: 'stopped', reason: 'other-error' },
  PENDING_DELETION: { reason: 'deactivated' },
  PAPER_JAM: { state: 'stopped', reason: 'media-jam-error' },
  PAPER_OUT: { state: 'stopped', reason: 'media-empty-error' },
  MANUAL_FEED: { state: 'stopped', reason: 'media-needed-error' },
  // Of an unnamed trouble with paper the worst is believed: a sheet may be stuck.
  PAPER_PROBLEM: { state: 'stopped', reason: 'media-jam-error' },
  OFFLINE: { state: 'stopped', reason: 'offline' },
  IO_ACTIVE: { state: 'busy' },
  BUSY: { state: 'busy' },
  PRINTING: { state: 'busy' },
  OUTPUT_BIN_FULL: { state: 'stopped', reason: 'output-area-full-error' },
  NOT_AVAILABLE: { state: 'stopped', reason: 'shutdown' },
  WAITING: {},
  PROCESSING: { state: 'busy' },
  INITIALIZING: { state: 'busy' },
  WARMING_UP: { state: 'busy' },
  TONER_LOW: { reason: 'toner-low-warning' },
  NO_TONER: { state: 'stopped', reason: 'toner-empty-error' },
  PAGE_PUNT: { state: 'stopped', reason: 'interpreter-resource-unavailable-error' },
  USER_INTERVENTION: { state: 'stopped', reason: 'user-intervention-error' },
  OUT_OF_MEMORY: { state: 'stopped', reason: 'interpreter-resource-unavailable-error' },
  DOOR_OPEN: { state: 'stopped', reason: 'door-open-error' },
  SERVER_UNKNOWN: { reason: 'other-report' },
  POWER_SAVE: {},
  SERVER_OFFLINE: { state: 'stopped', reason: 'offline' },
  DRIVER_UPDATE_NEEDED: { reason: 'other-warning' },
};

/**
 * In this order: the first state that a set bit names is the job's. `PRINTED` comes before `DELETED`, because a printed
 * job is deleted from the queue; `COMPLETE` says only that the printer has got it all.
 */
const JOB: readonly (readonly [JobBit, number | null, string])[] = [
  ['PRINTED', JOB_STATE.completed, 'job-completed-successfully'],
  ['DELETED', JOB_STATE.canceled, 'job-canceled-by-user'],
  ['ERROR', JOB_STATE.stopped, 'printer-stopped'],
  ['OFFLINE', JOB_STATE.stopped, 'printer-stopped'],
  ['PAPEROUT', JOB_STATE.stopped, 'printer-stopped'],
  ['BLOCKED_DEVQ', JOB_STATE.stopped, 'printer-stopped'],
  ['USER_INTERVENTION', JOB_STATE.stopped, 'printer-stopped'],
  ['DELETING', JOB_STATE.processing, 'processing-to-stop-point'],
  ['PAUSED', JOB_STATE.held, 'job-hold-until-specified'],
  ['COMPLETE', JOB_STATE.processing, 'job-queued-in-device'],
  ['PRINTING', JOB_STATE.processing, 'job-printing'],
  ['RENDERING_LOCALLY', JOB_STATE.processing, 'job-transforming'],
  ['SPOOLING', JOB_STATE.pending, 'job-incoming'],
  ['RESTART', JOB_STATE.pending, 'job-restartable'],
  ['RETAINED', null, 'job-saved'],
];

export const printerFrom = (
  status: number,
  attributes: number,
): { readonly state: number; readonly reasons: readonly string[]; readonly acceptsJobs: boolean } => {
  const set = (Object.keys(PRINTER_STATUS) as PrinterBit[])
    .filter((name) => (status & PRINTER_STATUS[name]) !== 0)
    .map((name) => PRINTER[name]);
  const workOffline = (attributes & PRINTER_ATTRIBUTE_WORK_OFFLINE) !== 0;
  const reasons = new Set(set.flatMap(({ reason }) => reason ?? []));
  if (workOffline) reasons.add('offline');
  const stopped = workOffline || set.some(({ state }) => state === 'stopped');
  const busy = set.some(({ state }) => state === 'busy');
  return {
    state: stopped ? PRINTER_STATE.stopped : busy ? PRINTER_STATE.processing : PRINTER_STATE.idle,
    reasons: [...reasons],
    acceptsJobs: (status & PRINTER_STATUS.PENDING_DELETION) === 0,
  };
};

/** A job with no bit set waits in the queue. */
export const jobFrom = (status: number): { readonly state: number; readonly reasons: readonly string[] } => {
  const set = JOB.filter(([name]) => (status & JOB_STATUS[name]) !== 0);
  return {
    state: set.find(([, state]) => state !== null)?.[1] ?? JOB_STATE.pending,
    reasons: [...new Set(set.map(([, , reason]) => reason))],
  };
};
