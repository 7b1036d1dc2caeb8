import { useRef, useState } from 'react';
import { Mirror } from '../camera/mirror.tsx';
import { capture } from '../camera/pictures.ts';
import { Control } from '../parts/control.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { useVisit } from '../parts/visit.tsx';
import { Badge } from '../scenes/badge.tsx';
import { Clerk } from '../scenes/clerk.tsx';
import { Look } from '../scenes/look.tsx';
import type { ViewOf } from './view.ts';

type Verify = ViewOf<'verify'>;

export function VerifyScreen({ view }: { view: Verify }) {
  switch (view.phase) {
    case 'offer':
      return <Offer view={view} />;
    case 'camera':
      return <Camera view={view} />;
    case 'checking':
      return <Checking />;
    case 'person':
      return <Person view={view} />;
    case 'pin':
      return <Pin view={view} />;
  }
}

function Offer({ view }: { view: Verify }) {
  const { words } = useVisit();
  return (
    <Page
      title={words.t('title.verify.offer')}
      attention={view.problem !== null}
      scene={<Look />}
      actions={
        <>
          <Control kind="choice" className="two-line" intent={{ do: 'decline' }}>
            <Icon name="people" />
            <span>
              {words.t('verify.decline')}
              <small>{words.t('verify.decline.text')}</small>
            </span>
          </Control>
          <Control kind="choice" className="two-line" intent={{ do: 'agree' }}>
            <Icon name="camera" />
            <span>
              {words.t('verify.agree')}
              <small>{words.t('verify.agree.text')}</small>
            </span>
          </Control>
        </>
      }
    />
  );
}

function Camera({ view }: { view: Verify }) {
  const { words, ask } = useVisit();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [ready, setReady] = useState(false);
  const take = async (): Promise<void> => {
    const jpeg = canvas.current === null ? null : await capture(canvas.current);
    ask(jpeg === null ? { do: 'camera-failed' } : { do: 'frame', jpeg });
  };
  return (
    <Page
      title={words.t('title.verify.camera')}
      attention={view.problem !== null}
      scene={
        view.camera === null ? (
          <Look />
        ) : (
          <Mirror source={view.camera} canvas={canvas} onReady={() => setReady(true)} />
        )
      }
      actions={
        <>
          <Control kind="plain" intent={{ do: 'decline' }}>
            {words.t('verify.camera.decline')}
          </Control>
          <Control kind="primary" intent={{ do: 'next' }} disabled={!ready} onPress={() => void take()}>
            {words.t('verify.camera.next')}
          </Control>
        </>
      }
    />
  );
}

function Checking() {
  const { words } = useVisit();
  return <Page title={words.t('title.verify.checking')} scene={<Look />} />;
}

function Person({ view }: { view: Verify }) {
  const { words } = useVisit();
  return (
    <Page
      title={words.t('title.verify.person')}
      still
      brief
      attention={view.problem !== null}
      scene={<Badge />}
    >
      <p className="paper note">
        <strong>{words.t('verify.person.hint')}</strong>
        <span>{words.t('verify.person.text')}</span>
      </p>
    </Page>
  );
}

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

function Pin({ view }: { view: Verify }) {
  const { words } = useVisit();
  const digit = (value: string) => (
    <Control key={value} kind="key" intent={{ do: 'digit', digit: value }}>
      {words.t('verify.pin.digit', { digit: value })}
    </Control>
  );
  return (
    <Page
      over={
        view.worker === null
          ? words.t('verify.pin.nobody')
          : words.t('verify.pin.worker', { worker: view.worker })
      }
      title={words.t('title.verify.pin')}
      scene={<Clerk says="card" />}
      attention={view.problem !== null}
      actions={
        <Control kind="primary" intent={{ do: 'confirm' }} disabled={view.digits === 0}>
          {words.t('verify.pin.confirm')}
        </Control>
      }
    >
      <div className="pin">
        <p
          className="dots"
          role="status"
          aria-label={
            view.digits === 0
              ? words.t('verify.pin.none')
              : words.t('verify.pin.digits', { count: view.digits })
          }
        >
          {Array.from({ length: view.digits }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: dots are all the same
            <span key={index} />
          ))}
        </p>
        <div className="keypad">
          {keys.map(digit)}
          <span aria-hidden="true" />
          {digit('0')}
          <Control
            kind="key"
            className="erase"
            intent={{ do: 'erase' }}
            disabled={view.digits === 0}
            label={words.t('verify.pin.erase')}
          >
            <Icon name="erase" />
          </Control>
        </div>
      </div>
    </Page>
  );
}
