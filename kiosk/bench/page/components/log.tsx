import type { Happening, LogEntry, PersonEntry } from '../../wire.ts';
import { useWords, type Words } from '../texts.ts';

function sentence(entry: Happening, nameOf: (id: string) => string, { t, fault }: Words): string {
  switch (entry.what) {
    case 'card-laid':
    case 'card-lifted':
    case 'badge-scanned':
    case 'badge-unheard':
    case 'badge-away':
      return t(`log.${entry.what}`, { name: nameOf(entry.person) });
    case 'camera':
      return entry.person === null ? t('log.camera-nobody') : t('log.camera', { name: nameOf(entry.person) });
    case 'light':
      return t('log.light', { percent: entry.percent });
    case 'fault':
    case 'mended':
      return t(`log.${entry.what}`, { device: t(`device.${entry.device}`), fault: fault(entry.fault) });
    case 'printed':
    case 'taken':
      return t(`log.${entry.what}-${entry.kind}`);
    case 'network':
      return t(entry.online ? 'log.network-on' : 'log.network-off');
  }
}

interface Props {
  readonly log: readonly LogEntry[];
  readonly people: readonly PersonEntry[];
}

/** A notebook in which the bench writes down what happened, the latest on top. */
export function Notebook({ log, people }: Props) {
  const words = useWords();
  const nameOf = (id: string) => people.find((person) => person.id === id)?.name ?? id;
  const time = new Intl.DateTimeFormat(words.language, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  });
  return (
    <section className="notebook" aria-labelledby="log-title">
      <h2 id="log-title">{words.t('log')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <div className="notebook-lines" role="log" aria-labelledby="log-title" tabIndex={0}>
        {log.length === 0 && <p>{words.t('log.empty')}</p>}
        {log.toReversed().map((entry) => (
          <p key={entry.number} data-what={entry.what}>
            <time dateTime={entry.at}>{time.format(new Date(entry.at))}</time>{' '}
            {sentence(entry, nameOf, words)}
          </p>
        ))}
      </div>
    </section>
  );
}
