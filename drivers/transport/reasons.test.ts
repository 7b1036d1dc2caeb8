import { expect, test } from 'vitest';
import { firstLine, linkReason, sentences } from './reasons.ts';

test('every sentence that transports share has its name', () => {
  expect([
    linkReason(sentences.unplugged),
    linkReason(`${sentences.unplugged}: EIO`),
    linkReason(sentences.closed),
    linkReason(sentences.noSuchPort('/dev/ttyUSB0')),
    linkReason(sentences.noSuchDevice('HID 10c4:0007')),
    linkReason(sentences.noPermission('/dev/lp0', 'add the user to the group lp')),
    linkReason(sentences.busy('/dev/ttyUSB0')),
    linkReason(sentences.noAnswer('10.0.0.1:9100')),
    linkReason(sentences.noModule('HID', new Error('no prebuild'))),
    linkReason(sentences.noService('PC/SC', new Error('it was stopped'))),
    linkReason(sentences.crashed('was killed by SIGSEGV')),
    linkReason(sentences.notOpened('/dev/x', new Error('odd'))),
    linkReason('lost: endpoint 2 in is halted'),
    linkReason('closed by peer'),
    linkReason('connection lost: ECONNRESET'),
    linkReason('nothing listens at 127.0.0.1:9100'),
  ]).toEqual([
    'unplugged',
    'unplugged',
    'closed',
    'no-such-port',
    'no-such-port',
    'no-permission',
    'busy',
    'no-answer',
    'no-module',
    'no-service',
    'crashed',
    'failed',
    'lost',
    'lost',
    'lost',
    'no-answer',
  ]);
});

test('of an error only the first line is told, once', () => {
  expect(firstLine(new Error('Error: No such file\n    at somewhere'))).toBe('No such file');
  expect(firstLine(undefined)).toBe('undefined');
});
