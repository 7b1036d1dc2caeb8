import { useEffect, useRef } from 'react';
import type { DeviceEntry, TrayItem } from '../../wire.ts';
import { play } from '../motion.ts';
import { useWords } from '../texts.ts';
import type { Hands } from '../use-bench.ts';
import { PdfPage } from './pdf-page.tsx';
import { SwitchBox } from './switches.tsx';

/** How many papers of a tray are shown; the others lie beneath. */
const SHOWN = 3;

interface Props {
  readonly device: DeviceEntry;
  /** Oldest first. */
  readonly items: readonly TrayItem[];
  readonly hands: Hands;
  readonly onLook: (item: TrayItem) => void;
}

/** What the printer's little display says. */
function Display({ device }: { readonly device: DeviceEntry }) {
  const { t, fault } = useWords();
  return (
    <output className="lcd" data-trouble={device.fault ?? undefined}>
      {device.fault === 'unplugged' ? '' : device.fault ? fault(device.fault) : t('status.ready')}
    </output>
  );
}

/** Paper that slides out of a slot below it, as long as the printer would take. */
function Paper({
  item,
  depth,
  label,
  onLook,
  children,
}: {
  readonly item: TrayItem;
  /** 0 on top. */
  readonly depth: number;
  readonly label: string;
  readonly onLook: (item: TrayItem) => void;
  readonly children: React.ReactNode;
}) {
  const ref = useRef<HTMLButtonElement>(null);
  // What lay there before the page was opened has come out already.
  const fresh = useRef(Date.now() - Date.parse(item.at) < 4000);
  useEffect(() => {
    const element = ref.current;
    if (!element || !fresh.current) return;
    fresh.current = false;
    play(element, [{ transform: 'translateY(102%)' }, { transform: 'none' }], {
      duration: item.kind === 'receipt' ? 1500 : 1200,
      easing: item.kind === 'receipt' ? 'steps(30)' : 'cubic-bezier(.3,.1,.4,1)',
    });
  }, [item.kind]);
  return (
    <button
      type="button"
      ref={ref}
      className="paper"
      data-kind={item.kind}
      data-depth={depth}
      aria-label={label}
      onClick={() => onLook(item)}
    >
      {children}
    </button>
  );
}

function Tray({ device, items, onLook }: Omit<Props, 'hands'>) {
  const { t } = useWords();
  const shown = items.slice(-SHOWN);
  return (
    <div className="outlet" data-fault={device.fault ?? undefined}>
      {shown.map((item, index) => (
        <Paper
          key={item.id}
          item={item}
          depth={shown.length - 1 - index}
          label={t(`tray.${item.kind}`)}
          onLook={onLook}
        >
          {item.kind === 'certificate' ? (
            <PdfPage href={item.href} page={1} width={150} label={null} />
          ) : (
            <img src={item.href} alt="" draggable={false} />
          )}
        </Paper>
      ))}
    </div>
  );
}

const Count = ({ items }: { readonly items: readonly TrayItem[] }) => {
  const { t } = useWords();
  return (
    <p className="count">{items.length === 0 ? t('tray.empty') : t('tray.count', { count: items.length })}</p>
  );
};

export function CertificatePrinter(props: Props) {
  return (
    <section
      className="device printer certificate-printer"
      data-device="certificatePrinter"
      data-fault={props.device.fault ?? undefined}
    >
      <div className="printer-stage">
        <Tray device={props.device} items={props.items} onLook={props.onLook} />
        <div className="printer-body">
          <div className="printer-cover" aria-hidden="true" />
          <div className="printer-slot" aria-hidden="true" />
          <div className="printer-front">
            <Display device={props.device} />
            <Count items={props.items} />
          </div>
          <div className="cassette" aria-hidden="true" />
        </div>
      </div>
      <SwitchBox name="certificatePrinter" device={props.device} hands={props.hands} />
    </section>
  );
}

export function ReceiptPrinter(props: Props) {
  return (
    <section
      className="device printer receipt-printer"
      data-device="receiptPrinter"
      data-fault={props.device.fault ?? undefined}
    >
      <div className="printer-stage">
        <Tray device={props.device} items={props.items} onLook={props.onLook} />
        <div className="printer-body">
          <div className="printer-cover" aria-hidden="true" />
          <div className="printer-slot" aria-hidden="true" />
          <div className="printer-front">
            <Display device={props.device} />
            <Count items={props.items} />
          </div>
        </div>
      </div>
      <SwitchBox name="receiptPrinter" device={props.device} hands={props.hands} />
    </section>
  );
}
