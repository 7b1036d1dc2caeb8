import { UserError } from './command.ts';

/** The number of an ID card as a person typed it. Never quoted back: it would stay in the terminal. */
export function idNumberTyped(command: string, typed: string | undefined): string {
  const idNumber = typed?.trim().toUpperCase() ?? '';
  if (/^[0-9A-Z]{15,18}$/.test(idNumber)) return idNumber;
  throw new UserError(`${command} wants --id-number N: 15 to 18 digits and letters, as on the card.`);
}
