import { maskName } from '@huimin/backend/contract';
import type { Sex } from '@huimin/drivers';
import type { LocalText } from '../../bridge/index.ts';
import { textOf } from '../texts.ts';

/** Completed years at a moment, from a birth date `YYYY-MM-DD`. */
export function ageOn(birth: string, nowMs: number): number {
  const now = new Date(nowMs);
  const [year = 0, month = 1, day = 1] = birth.split('-').map(Number);
  const hadBirthday = now.getMonth() + 1 > month || (now.getMonth() + 1 === month && now.getDate() >= day);
  return now.getFullYear() - year - (hadBirthday ? 0 : 1);
}

/** `2026-11-22` as people say it. */
export function dateWords(isoDate: string): LocalText {
  const [year = 0, month = 1, day = 1] = isoDate.split('-').map(Number);
  const english = new Date(Date.UTC(year, month - 1, day)).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return { 'zh-CN': `${year}年${month}月${day}日`, en: english };
}

export const sexWords = (sex: Sex): LocalText => textOf(`core.sex.${sex}`);

export const sameInAll = (text: string): LocalText => ({ 'zh-CN': text, en: text });

/** `999901194803120243` -> `9999**********0243`: shown on a screen that others may see. */
export const maskNumber = (number: string): string =>
  number.slice(0, 4) + '*'.repeat(Math.max(0, number.length - 8)) + number.slice(-4);

export { maskName };
