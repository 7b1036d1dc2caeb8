import type { LinkReason } from '../transport/index.ts';

/**
 * What a recording says instead of a system's own words, which may name a port or a person's folder: the reason's
 * name. Read back, it is a sentence with the same name again.
 */
const spoken: Readonly<Record<LinkReason, string>> = {
  unplugged: 'unplugged',
  lost: 'lost',
  closed: 'closed',
  'no-such-port': 'no such port',
  'no-permission': 'no permission',
  busy: 'another program is using the port',
  'no-answer': 'the port does not answer',
  'no-module': 'the module could not be loaded',
  'no-service': 'the service does not run',
  crashed: 'the process that held the port ended',
  failed: 'the port could not be opened',
};

export const reasonNames = Object.keys(spoken) as LinkReason[];

export const sentenceOf = (reason: LinkReason): string => spoken[reason];
