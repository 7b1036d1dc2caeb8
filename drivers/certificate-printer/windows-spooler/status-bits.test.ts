import { describe, expect, test } from 'vitest';
import { toStatus } from '../state.ts';
import {
  JOB_STATUS,
  jobFrom,
  PRINTER_ATTRIBUTE_WORK_OFFLINE,
  PRINTER_STATUS,
  printerFrom,
} from './status-bits.ts';

const shown = (status: number, attributes = 0) => {
  const { state, reasons } = printerFrom(status, attributes);
  return toStatus(state, reasons);
};

/** Every bit of PRINTER_INFO_2.Status, and what a person is told. */
const PRINTER: Record<keyof typeof PRINTER_STATUS, object> = {
  PAUSED: { device: 'offline' },
  ERROR: { device: 'hardwareError' },
  PENDING_DELETION: { device: 'offline' },
  PAPER_JAM: { device: 'hardwareError', paper: 'jammed' },
  PAPER_OUT: { device: 'userError', paper: 'out' },
  MANUAL_FEED: { device: 'userError', paper: 'out' },
  PAPER_PROBLEM: { device: 'hardwareError', paper: 'jammed' },
  OFFLINE: { device: 'offline' },
  IO_ACTIVE: { device: 'online', paper: 'full', cover: 'closed', toner: 'full' },
  BUSY: { device: 'online' },
  PRINTING: { device: 'online' },
  OUTPUT_BIN_FULL: { device: 'userError' },
  NOT_AVAILABLE: { device: 'offline' },
  WAITING: { device: 'online' },
  PROCESSING: { device: 'online' },
  INITIALIZING: { device: 'online' },
  WARMING_UP: { device: 'online' },
  TONER_LOW: { device: 'online', toner: 'low' },
  NO_TONER: { device: 'userError', toner: 'out' },
  PAGE_PUNT: { device: 'hardwareError' },
  USER_INTERVENTION: { device: 'userError' },
  OUT_OF_MEMORY: { device: 'hardwareError' },
  DOOR_OPEN: { device: 'userError', cover: 'open' },
  SERVER_UNKNOWN: { device: 'online' },
  POWER_SAVE: { device: 'online' },
  SERVER_OFFLINE: { device: 'offline' },
  DRIVER_UPDATE_NEEDED: { device: 'online' },
};

describe('PRINTER_STATUS', () => {
  test.each(Object.entries(PRINTER))('%s', (name, expected) => {
    expect(shown(PRINTER_STATUS[name as keyof typeof PRINTER_STATUS])).toMatchObject(expected);
  });

  test('the numbers of winspool.h: one bit each, none left out', () => {
    const all = Object.values(PRINTER_STATUS).reduce((sum, bit) => sum + bit, 0);
    expect(all).toBe(0x07ffffff);
    expect(PRINTER_STATUS).toMatchObject({
      PAPER_JAM: 0x8,
      PAPER_OUT: 0x10,
      OFFLINE: 0x80,
      TONER_LOW: 0x20000,
      NO_TONER: 0x40000,
      USER_INTERVENTION: 0x100000,
      DOOR_OPEN: 0x400000,
    });
  });

  test('nothing set is online; a later bit is ignored; a queue told to wait is offline', () => {
    expect(shown(0)).toMatchObject({ device: 'online', reasons: [] });
    expect(shown(0x08000000)).toMatchObject({ device: 'online', reasons: [] });
    expect(shown(0, PRINTER_ATTRIBUTE_WORK_OFFLINE)).toMatchObject({ device: 'offline' });
    expect(printerFrom(PRINTER_STATUS.PENDING_DELETION, 0).acceptsJobs).toBe(false);
  });

  test('of several the worst counts', () => {
    const both = PRINTER_STATUS.PAPER_JAM | PRINTER_STATUS.PRINTING | PRINTER_STATUS.TONER_LOW;
    expect(shown(both)).toMatchObject({ device: 'hardwareError', paper: 'jammed', toner: 'low' });
  });
});

/** Every bit of JOB_INFO_1.Status, and the job-state of RFC 8011 that it stands for. */
const JOB: Record<keyof typeof JOB_STATUS, number> = {
  PAUSED: 4,
  ERROR: 6,
  DELETING: 5,
  SPOOLING: 3,
  PRINTING: 5,
  OFFLINE: 6,
  PAPEROUT: 6,
  PRINTED: 9,
  DELETED: 7,
  BLOCKED_DEVQ: 6,
  USER_INTERVENTION: 6,
  RESTART: 3,
  COMPLETE: 5,
  RETAINED: 3,
  RENDERING_LOCALLY: 5,
};

describe('JOB_STATUS', () => {
  test.each(Object.entries(JOB))('%s', (name, state) => {
    expect(jobFrom(JOB_STATUS[name as keyof typeof JOB_STATUS]).state).toBe(state);
  });

  test('the numbers of winspool.h: one bit each, none left out', () => {
    expect(Object.values(JOB_STATUS).reduce((sum, bit) => sum + bit, 0)).toBe(0x7fff);
  });

  test('sent is not printed; printed stays printed while the queue deletes it', () => {
    expect(jobFrom(JOB_STATUS.COMPLETE | JOB_STATUS.RETAINED).state).toBe(5);
    expect(jobFrom(JOB_STATUS.PRINTED | JOB_STATUS.DELETING | JOB_STATUS.DELETED).state).toBe(9);
    expect(jobFrom(JOB_STATUS.PRINTING | JOB_STATUS.PAPEROUT).state).toBe(6);
    expect(jobFrom(0).state).toBe(3);
  });
});
