/**
 * Why a port could not be opened or a link ended, for programs; the sentence beside it is for technicians. Stable:
 * `unplugged` (it was there and went), `lost` (the other side hung up, or an error ended it), `closed` (by us),
 * `no-such-port`, `no-permission`, `busy` (another program has it), `no-answer` (in time, or at all), `no-module`
 * (the native module is not usable here), `no-service` (the system's service that it needs does not run), `crashed` (the process that held the port ended), `failed` (anything else).
 */
export type LinkReason =
  | 'unplugged'
  | 'lost'
  | 'closed'
  | 'no-such-port'
  | 'no-permission'
  | 'busy'
  | 'no-answer'
  | 'no-module'
  | 'no-service'
  | 'crashed'
  | 'failed';

/** How each sentence begins or ends; the sentences below are made of these, and every transport uses them. */
const signs: readonly (readonly [LinkReason, RegExp])[] = [
  ['closed', /^closed$/],
  ['unplugged', /^unplugged\b/],
  ['lost', /^(closed by peer|connection lost\b|lost\b)/],
  ['no-such-port', /^no such (port|device|host)\b/],
  ['no-permission', /^no permission\b/],
  ['busy', /^another program is using\b/],
  ['no-answer', /does not answer$|^(nothing listens at|no route to)\b/],
  ['no-module', /module could not be loaded\b/],
  ['no-service', /service does not run\b/],
  ['crashed', /^the process that held the port\b/],
];

/** The name of what a `Transport.open()` or a `Link.onClose` tells in a sentence. */
export const linkReason = (sentence: string): LinkReason =>
  signs.find(([, sign]) => sign.test(sentence))?.[0] ?? 'failed';

/** The sentences that more than one transport says. */
export const sentences = {
  unplugged: 'unplugged',
  closed: 'closed',
  noSuchPort: (path: string) => `no such port: ${path}`,
  noSuchDevice: (what: string) => `no such device: ${what}`,
  noPermission: (what: string, remedy?: string) =>
    `no permission to open ${what}${remedy === undefined ? '' : `; ${remedy}`}`,
  busy: (what: string) => `another program is using ${what}`,
  noAnswer: (what: string) => `${what} does not answer`,
  noModule: (what: string, error: unknown) => `the ${what} module could not be loaded: ${firstLine(error)}`,
  noService: (what: string, error: unknown) => `the ${what} service does not run: ${firstLine(error)}`,
  crashed: (how: string) => `the process that held the port ${how}`,
  notOpened: (what: string, error: unknown) => `${what} could not be opened: ${firstLine(error)}`,
} as const;

/** The first line of an error's message, without the `Error:` that some modules repeat in it. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.trim().split('\n')[0] ?? '').replace(/^Error: /, '');
}
