/** What can be said to the program, as data: `arguments.ts` parses by it and `help.ts` explains it. */

/** What this program is called where the package is installed. */
export const PROGRAM = 'huimin-device';

export const DEVICE_CLASSES = [
  'id-card',
  'receipt-printer',
  'certificate-printer',
  'code-scanner',
  'camera',
  'ic-card',
  'keypad',
  'lights',
  'presence-sensor',
] as const;
export type DeviceClass = (typeof DEVICE_CLASSES)[number];

export const COMMANDS = ['list', 'status', 'read', 'print', 'test', 'record', 'detect'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** What a person calls a thing besides its name here. */
export const DETECTABLE = ['id-card', 'receipt-printer'] as const satisfies readonly DeviceClass[];
export const READABLE = ['id-card', 'code', 'ic-card'] as const;
export const PRINTABLE = ['receipt', 'certificate'] as const;

export interface OptionUsage {
  /** The name of its value in the help; absent for a switch. */
  readonly value?: string;
  readonly about: string;
}

export const OPTIONS = {
  json: { about: 'for machines: one JSON value a line on standard output' },
  help: { about: 'this text' },
  port: { value: 'PORT', about: 'where the device is (see below)' },
  baud: { value: 'RATE', about: 'speed of a serial port; 115200 unless told' },
  tcp: { value: 'HOST:PORT', about: 'the same as --port tcp:HOST:PORT' },
  usblp: { value: 'PATH', about: 'the same as --port usblp:PATH' },
  uri: { value: 'URI', about: 'the printer, e.g. ipp://192.168.1.20/ipp/print' },
  protocol: { value: 'NAME', about: 'how the device speaks, where its class knows several protocols' },
  framing: {
    value: 'NAME',
    about: 'how frames are wrapped: plain, miaxis or derk; by the profile of the device unless told',
  },
  label: { value: 'TEXT', about: 'the name of a camera, of a PC/SC reader or of a Windows print queue' },
  settings: {
    value: 'JSON',
    about: 'further settings of the class, as in kiosk.yaml: \'{"profile":"lcus"}\'',
  },
  simulated: { about: 'use the simulator of the class on a real port: no hardware is needed' },
  timeout: { value: 'SECONDS', about: 'how long to wait; 30 unless told' },
  watch: { about: 'follow the changes until Ctrl+C' },
  reveal: { about: 'show personal data in full; masked without it' },
  'latest-address': { about: 'also the address that was added to the card last' },
  fingerprint: { about: 'ask for the fingerprint block; only its size is told' },
  photo: { value: 'FILE', about: 'write the decoded photo; needs --photo-decoder' },
  'photo-decoder': {
    value: 'PROGRAM',
    about: 'given the WLT bytes on its standard input, writes an image to its standard output',
  },
  text: { value: 'TEXT', about: 'print this text and cut' },
  file: { value: 'FILE', about: 'print this document (JSON, see the README)' },
  'test-page': { about: 'print a page that shows what the printer can do' },
  preview: {
    value: 'FILE',
    about: 'also draw the receipt as SVG; alone, without a port, nothing is printed',
  },
  columns: { value: 'N', about: 'characters in a line: 48 (80 mm paper, unless told) or 32 (58 mm)' },
  font: { value: 'FILE', about: 'a font for characters that the printer lacks' },
  pdf: { value: 'FILE', about: 'the document' },
  copies: { value: 'N', about: 'how many; 1 unless told' },
  only: { value: 'ID,ID', about: 'only these checks' },
  yes: { about: 'take every prompt as done (a rig serves the device)' },
  out: { value: 'FILE', about: 'the file to write; it must not exist' },
} as const satisfies Readonly<Record<string, OptionUsage>>;
export type OptionName = keyof typeof OPTIONS;

/** Where a device is. */
const PLACE = [
  'port',
  'baud',
  'tcp',
  'usblp',
  'uri',
  'protocol',
  'framing',
  'label',
  'settings',
  'simulated',
] as const;

export interface CommandUsage {
  /** After the program's name. */
  readonly synopsis: readonly string[];
  readonly about: string;
  /** What the word after the command may be; empty if there is none. */
  readonly subjects: readonly string[];
  /** What that word is called in a sentence. */
  readonly subject: string;
  readonly options: readonly OptionName[];
  /** Options that make sense for some of the subjects only. */
  readonly limits?: Partial<Readonly<Record<OptionName, readonly string[]>>>;
}

export const USAGE: Readonly<Record<CommandName, CommandUsage>> = {
  list: {
    synopsis: ['list [--json]'],
    about: 'every port found, what is probably behind it, and its line for kiosk.yaml',
    subjects: [],
    subject: '',
    options: ['json'],
  },
  status: {
    synopsis: ['status CLASS --port PORT [--watch] [--timeout SECONDS] [--json]'],
    about: 'what is true of a device now, and what it can do',
    subjects: DEVICE_CLASSES,
    subject: 'class',
    options: [...PLACE, 'columns', 'watch', 'timeout', 'json'],
  },
  read: {
    synopsis: [
      'read id-card --port PORT [--reveal] [--latest-address] [--photo FILE --photo-decoder PROGRAM]',
      'read code --port PORT [--reveal]',
      'read ic-card [--label READER] [--reveal]',
    ],
    about: 'one card or one code; personal data is masked unless --reveal',
    subjects: READABLE,
    subject: 'thing to read',
    options: [
      ...PLACE,
      'timeout',
      'reveal',
      'latest-address',
      'fingerprint',
      'photo',
      'photo-decoder',
      'json',
    ],
    limits: {
      'latest-address': ['id-card'],
      fingerprint: ['id-card'],
      photo: ['id-card'],
      'photo-decoder': ['id-card'],
      framing: ['id-card'],
    },
  },
  print: {
    synopsis: [
      'print receipt --port PORT --text TEXT|--file FILE|--test-page [--preview FILE]',
      'print certificate --uri URI --pdf FILE|--test-page',
    ],
    about: 'one receipt or one certificate; says whether it was printed, failed, or nobody knows',
    subjects: PRINTABLE,
    subject: 'thing to print',
    options: [
      ...PLACE,
      'text',
      'file',
      'test-page',
      'preview',
      'columns',
      'font',
      'pdf',
      'copies',
      'timeout',
      'json',
    ],
    limits: {
      text: ['receipt'],
      file: ['receipt'],
      preview: ['receipt'],
      columns: ['receipt'],
      font: ['receipt'],
      pdf: ['certificate'],
      copies: ['certificate'],
    },
  },
  test: {
    synopsis: ['test CLASS --port PORT|--simulated [--only ID,ID] [--yes] [--json]'],
    about: 'the conformance suite of the class, with your hands',
    subjects: DEVICE_CLASSES,
    subject: 'class',
    options: [...PLACE, 'columns', 'only', 'yes', 'json'],
  },
  record: {
    synopsis: ['record CLASS --port PORT --out FILE [--timeout SECONDS]'],
    about: 'a session as a file that can be replayed; personal data is replaced',
    subjects: DEVICE_CLASSES,
    subject: 'class',
    options: [...PLACE, 'columns', 'out', 'timeout', 'json'],
  },
  detect: {
    synopsis: ['detect id-card|receipt-printer [--json]'],
    about: 'finds the port, and the speed of a serial one',
    subjects: DETECTABLE,
    subject: 'class that can be detected',
    options: ['json'],
  },
};
