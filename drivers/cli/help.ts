import { EXIT_MEANINGS } from './exit-codes.ts';
import { table } from './format.ts';
import { PORT_FORMS } from './port.ts';
import {
  COMMANDS,
  type CommandName,
  DEVICE_CLASSES,
  OPTIONS,
  type OptionName,
  PROGRAM,
  USAGE,
} from './usage.ts';

/** `--help`; of one command, with its options, or of all. */
export function helpText(topic: CommandName | null): string {
  const lines = topic === null ? overview() : commandHelp(topic);
  return [...lines, '', 'Exit codes', ...exitCodes()].join('\n');
}

const exitCodes = (): readonly string[] =>
  table(EXIT_MEANINGS.map(([code, meaning]) => [`  ${code}`, meaning]));

function overview(): readonly string[] {
  return [
    "device: a technician's command line for one device",
    '',
    ...COMMANDS.flatMap((command) => [
      ...USAGE[command].synopsis.map((line) => `  device ${line}`),
      `      ${USAGE[command].about}`,
    ]),
    '',
    `Classes: ${DEVICE_CLASSES.join(', ')}`,
    `Ports:   ${PORT_FORMS}`,
    '',
    'device COMMAND --help tells the options of a command. Personal data is masked everywhere unless --reveal.',
  ];
}

function commandHelp(command: CommandName): readonly string[] {
  const { synopsis, about, subjects, subject, options } = USAGE[command];
  const names: readonly OptionName[] = [...options, 'help'];
  return [
    ...synopsis.map((line) => `${PROGRAM} ${line}`),
    `    ${about}`,
    '',
    ...(subjects.length === 0 ? [] : [`The ${subject} is one of ${subjects.join(', ')}.`, '']),
    ...table(
      names.map((name) => {
        const option: { readonly value?: string; readonly about: string } = OPTIONS[name];
        return [`  --${name}${option.value === undefined ? '' : ` ${option.value}`}`, option.about];
      }),
    ),
    ...(names.includes('port') ? ['', `PORT is ${PORT_FORMS}.`] : []),
  ];
}
