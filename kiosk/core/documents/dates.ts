/** Dates as documents write them. Pure; the time zone is given. */
import type { CertificateLanguage } from './template.ts';

/** China has one time zone; certificates are dated in it wherever the machine's clock believes to be. */
export const DEFAULT_TIME_ZONE = 'Asia/Shanghai';

const formatters = new Map<string, Intl.DateTimeFormat>();

const partsOf = (date: Date, timeZone: string): Record<string, string> => {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formatters.set(timeZone, formatter);
  }
  return Object.fromEntries(formatter.formatToParts(date).map(({ type, value }) => [type, value]));
};

const ENGLISH_MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `2026年11月22日`, `22 November 2026`. */
export function formatDate(date: Date, language: CertificateLanguage, timeZone = DEFAULT_TIME_ZONE): string {
  const { year = '', month = '', day = '' } = partsOf(date, timeZone);
  switch (language) {
    case 'zh-CN':
      return `${Number(year)}年${Number(month)}月${Number(day)}日`;
    case 'en':
      return `${Number(day)} ${ENGLISH_MONTHS[Number(month) - 1] ?? ''} ${Number(year)}`;
  }
}

/** `2026年11月22日 14:05`, `22 November 2026, 14:05`. */
export function formatMoment(
  date: Date,
  language: CertificateLanguage,
  timeZone = DEFAULT_TIME_ZONE,
): string {
  const { hour = '', minute = '' } = partsOf(date, timeZone);
  const separator = language === 'en' ? ', ' : ' ';
  return `${formatDate(date, language, timeZone)}${separator}${hour}:${minute}`;
}
