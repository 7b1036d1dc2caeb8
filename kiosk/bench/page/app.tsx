import { useEffect, useMemo, useState } from 'react';
import type { PersonEntry } from '../wire.ts';
import { Deck } from './components/cards.tsx';
import { Camera, Reader, Scanner } from './components/inputs.tsx';
import { Kiosk, type Posture } from './components/kiosk.tsx';
import { Notebook } from './components/log.tsx';
import { CertificatePrinter, ReceiptPrinter } from './components/printers.tsx';
import { Plug } from './components/switches.tsx';
import { Viewer } from './components/viewer.tsx';
import { type Language, WordsContext, wordsIn } from './texts.ts';
import { useBench } from './use-bench.ts';

const VIEWS: readonly (Posture | 'hidden')[] = ['portrait', 'landscape', 'hidden'];
const LANGUAGES: readonly (readonly [Language, string])[] = [
  ['zh-CN', '中文'],
  ['en', 'English'],
];

export function App() {
  const { people, snapshot, lost, trouble, hands } = useBench();
  const [language, setLanguage] = useState<Language>('zh-CN');
  const [view, setView] = useState<Posture | 'hidden'>('portrait');
  const [looked, setLooked] = useState<PersonEntry | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const words = useMemo(() => wordsIn(language), [language]);
  const { t } = words;

  useEffect(() => {
    document.documentElement.lang = language;
    document.title = t('title');
  }, [language, t]);

  const residents = people.filter((person) => person.role === 'resident');
  const devices = snapshot?.state.devices ?? {};
  const trays = snapshot?.trays ?? [];
  const of = (kind: 'certificate' | 'receipt') => trays.filter((item) => item.kind === kind);
  const look = (item: { readonly id: string }) => setChosen(item.id);

  return (
    <WordsContext value={words}>
      <main className="room" data-view={view}>
        {view !== 'hidden' && <Kiosk key={view} posture={view} />}
        <div className="desk" aria-hidden="true" />
        <header className="rail">
          <div className="nameplate">
            <h1>{t('title')}</h1>
            <p>{t('subtitle')}</p>
          </div>
          {snapshot && (
            <div className="network">
              <Plug
                name={t('network')}
                state={t(snapshot.state.network.online ? 'network.plugged' : 'network.pulled')}
                pulled={!snapshot.state.network.online}
                onToggle={(pulled) => hands.setOnline(!pulled)}
              />
            </div>
          )}
          <fieldset className="keys">
            <legend className="unseen">{t('view')}</legend>
            {VIEWS.map((one) => (
              <button key={one} type="button" aria-pressed={view === one} onClick={() => setView(one)}>
                {t(`view.${one}`)}
              </button>
            ))}
          </fieldset>
          <fieldset className="keys">
            <legend className="unseen">{t('language')}</legend>
            {LANGUAGES.map(([tag, name]) => (
              <button
                key={tag}
                type="button"
                lang={tag}
                aria-pressed={language === tag}
                onClick={() => setLanguage(tag)}
              >
                {name}
              </button>
            ))}
          </fieldset>
        </header>
        <div className="inputs">
          {devices.idCardReader && snapshot && (
            <Reader device={devices.idCardReader} people={people} hands={hands} card={snapshot.state.card} />
          )}
          {devices.codeScanner && snapshot && (
            <Scanner device={devices.codeScanner} people={people} hands={hands} log={snapshot.log} />
          )}
          {devices.faceCamera && snapshot && (
            <Camera
              device={devices.faceCamera}
              people={people}
              hands={hands}
              camera={snapshot.state.camera}
            />
          )}
        </div>
        <div className="printers">
          {devices.certificatePrinter && (
            <CertificatePrinter
              device={devices.certificatePrinter}
              items={of('certificate')}
              hands={hands}
              onLook={look}
            />
          )}
          {devices.receiptPrinter && (
            <ReceiptPrinter
              device={devices.receiptPrinter}
              items={of('receipt')}
              hands={hands}
              onLook={look}
            />
          )}
        </div>
        <div className="front">
          {devices.idCardReader && (
            <section className="cards" aria-labelledby="cards-title">
              <h2 id="cards-title" className="unseen">
                {t('cards')}
              </h2>
              <Deck people={residents} laid={snapshot?.state.card ?? null} hands={hands} onLook={setLooked} />
              <p className="caption">
                {looked ? (
                  <>
                    <b lang="zh-CN">{looked.name}</b> {looked.about[language]}
                  </>
                ) : (
                  t('cards.hint')
                )}
              </p>
            </section>
          )}
          <Notebook log={snapshot?.log ?? []} people={people} />
        </div>
        <div className="notice" role="status">
          {lost ? <p>{t('lost')}</p> : trouble ? <p>{t('failed', { message: trouble })}</p> : null}
        </div>
        <Viewer items={trays} chosen={chosen} onChoose={setChosen} onTake={hands.take} />
      </main>
    </WordsContext>
  );
}
