import { useEffect, useRef, useState } from 'react';
import type { BenchState, DeviceEntry, LogEntry, PersonEntry } from '../../wire.ts';
import { play } from '../motion.ts';
import { useWords } from '../texts.ts';
import type { Hands } from '../use-bench.ts';
import { IdCard, PAD_ID } from './cards.tsx';
import { SwitchBox } from './switches.tsx';

type BadgeScanned = Extract<LogEntry, { readonly what: 'badge-scanned' }>;

interface Props {
  readonly device: DeviceEntry;
  readonly people: readonly PersonEntry[];
  readonly hands: Hands;
}

/** The pad a card is laid on; it glows while it waits. */
export function Reader({ device, people, hands, card }: Props & { readonly card: string | null }) {
  const { t } = useWords();
  const person = people.find((one) => one.id === card);
  return (
    <section className="device reader" data-device="idCardReader" data-fault={device.fault ?? undefined}>
      <div className="pad" id={PAD_ID} data-laid={person ? '' : undefined}>
        {person ? (
          <IdCard person={person} laid hands={hands} />
        ) : (
          <p className="pad-hint">{t('reader.empty')}</p>
        )}
      </div>
      <SwitchBox name="idCardReader" device={device} hands={hands} />
    </section>
  );
}

/** The scanner, and the hooks the badges hang on. */
export function Scanner({ device, people, hands, log }: Props & { readonly log: readonly LogEntry[] }) {
  const { t } = useWords();
  const window_ = useRef<HTMLDivElement>(null);
  const badges = useRef<HTMLUListElement>(null);
  const last = log.findLast((entry): entry is BadgeScanned => entry.what === 'badge-scanned');
  const shown = useRef<number | null>(null);

  useEffect(() => {
    const before = shown.current;
    shown.current = last?.number ?? 0;
    if (before === null || !last || last.number === before || !window_.current) return;
    const badge = badges.current?.querySelector(`[data-person="${CSS.escape(last.person)}"]`);
    if (!badge) return;
    const to = window_.current.getBoundingClientRect();
    const from = badge.getBoundingClientRect();
    const there = `translate(${to.left + to.width / 2 - from.left - from.width / 2}px, ${to.top - from.top + 4}px) rotate(-6deg)`;
    play(badge, [{}, { transform: there, offset: 0.35 }, { transform: there, offset: 0.6 }, {}], {
      duration: 720,
      easing: 'ease-in-out',
    });
    play(window_.current, [{ opacity: 1 }, { opacity: 0.25, offset: 0.45 }, { opacity: 1 }], {
      duration: 720,
    });
  }, [last]);

  return (
    <section className="device scanner" data-device="codeScanner" data-fault={device.fault ?? undefined}>
      <div className="scanner-stage">
        <div className="scanner-body" aria-hidden="true">
          <div className="scanner-window" ref={window_} />
          <div className="scanner-foot" />
        </div>
        <ul className="badges" aria-label={t('badges')} ref={badges}>
          {people
            .filter((person) => person.role !== 'resident')
            .map((person) => (
              <li key={person.id}>
                <button
                  type="button"
                  className="badge"
                  data-person={person.id}
                  data-role={person.role}
                  aria-label={t('badge.scan', { name: person.name, pin: person.pin ?? '' })}
                  onClick={() => hands.scanBadge(person.id)}
                >
                  <img src={person.portrait} alt="" draggable={false} />
                  <span className="badge-name" lang="zh-CN">
                    {person.name}
                  </span>
                  {person.role !== 'resident' && (
                    <span className="badge-role">{t(`role.${person.role}`)}</span>
                  )}
                  {person.pin && (
                    <span className="note">
                      <span>{t('badge.pin')}</span> {person.pin}
                    </span>
                  )}
                </button>
              </li>
            ))}
        </ul>
      </div>
      <SwitchBox name="codeScanner" device={device} hands={hands} />
    </section>
  );
}

/** The camera, a lamp with a dimmer, and whoever stands before them. */
export function Camera({ device, people, hands, camera }: Props & { readonly camera: BenchState['camera'] }) {
  const { t } = useWords();
  const [dimmer, setDimmer] = useState(camera.light);
  useEffect(() => setDimmer(camera.light), [camera.light]);
  const person = people.find((one) => one.id === camera.person);
  const unplugged = device.fault === 'unplugged';
  const still = `/bench/camera?of=${encodeURIComponent(camera.person ?? '')}&light=${camera.light}`;
  return (
    <section className="device camera" data-device="faceCamera" data-fault={device.fault ?? undefined}>
      <div className="camera-stage">
        <div className="viewfinder">
          {unplugged ? (
            <p>{t('status.unplugged')}</p>
          ) : (
            <img
              src={still}
              width={640}
              height={480}
              alt={t('camera.picture', { name: person?.name ?? t('camera.nobody') })}
            />
          )}
        </div>
        <div className="camera-side">
          <fieldset className="queue">
            <legend className="unseen">{t('camera.who')}</legend>
            {[null, ...people].map((one) => (
              <label key={one?.id ?? ''} title={one?.name ?? t('camera.nobody')}>
                <input
                  type="radio"
                  name="before-camera"
                  checked={(one?.id ?? null) === camera.person}
                  onChange={() => hands.standBefore(one?.id ?? null, camera.light)}
                />
                {one ? (
                  <img src={one.portrait} alt={one.name} />
                ) : (
                  <span className="nobody">{t('camera.nobody-short')}</span>
                )}
              </label>
            ))}
          </fieldset>
          <label className="dimmer">
            <svg viewBox="0 0 24 24" aria-hidden="true" style={{ opacity: 0.35 + dimmer * 0.65 }}>
              <path d="M12 2a7 7 0 0 0-4 12.7V17h8v-2.3A7 7 0 0 0 12 2z" />
              <path d="M9 19h6v1.5H9zM10 21.5h4v1h-4z" />
            </svg>
            <span>{t('camera.light')}</span>
            <input
              type="range"
              min={0}
              max={100}
              step={5}
              value={Math.round(dimmer * 100)}
              onChange={(event) => {
                const light = event.currentTarget.valueAsNumber / 100;
                setDimmer(light);
                hands.standBefore(camera.person, light);
              }}
            />
          </label>
        </div>
      </div>
      <SwitchBox name="faceCamera" device={device} hands={hands} />
    </section>
  );
}
