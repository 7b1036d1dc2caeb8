import type { PortChoice } from './port.ts';
import type { CommandName, DETECTABLE, DeviceClass, READABLE } from './usage.ts';

/** Where the device is and how it speaks; absent fields are the class's own defaults. */
export interface Place {
  readonly port?: PortChoice;
  readonly uri?: string;
  readonly protocol?: string;
  readonly framing?: string;
  readonly label?: string;
  /** Further settings of the class; its own schema checks them. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly simulated: boolean;
}

interface Common {
  readonly json: boolean;
}
interface OfDevice extends Common {
  readonly place: Place;
  /** Milliseconds. */
  readonly timeoutMs: number;
}

export interface HelpInvocation extends Common {
  readonly command: 'help';
  readonly topic: CommandName | null;
}
export interface ListInvocation extends Common {
  readonly command: 'list';
}
export interface StatusInvocation extends OfDevice {
  readonly command: 'status';
  readonly deviceClass: DeviceClass;
  readonly columns: number;
  readonly watch: boolean;
}
export interface ReadInvocation extends OfDevice {
  readonly command: 'read';
  readonly subject: (typeof READABLE)[number];
  readonly reveal: boolean;
  readonly latestAddress: boolean;
  readonly fingerprint: boolean;
  readonly photo: { readonly file: string; readonly decoder: string } | null;
}
export type ReceiptContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'test-page' };
export interface PrintReceiptInvocation extends OfDevice {
  readonly command: 'print';
  readonly subject: 'receipt';
  readonly content: ReceiptContent;
  readonly columns: number;
  readonly font: string | null;
  readonly preview: string | null;
}
export interface PrintCertificateInvocation extends OfDevice {
  readonly command: 'print';
  readonly subject: 'certificate';
  /** null: the test page. */
  readonly pdf: string | null;
  readonly copies: number;
}
export interface TestInvocation extends OfDevice {
  readonly command: 'test';
  readonly deviceClass: DeviceClass;
  readonly columns: number;
  /** Empty: every check. */
  readonly only: readonly string[];
  readonly yes: boolean;
}
export interface RecordInvocation extends OfDevice {
  readonly command: 'record';
  readonly deviceClass: DeviceClass;
  readonly columns: number;
  readonly out: string;
}
export interface DetectInvocation extends Common {
  readonly command: 'detect';
  readonly deviceClass: (typeof DETECTABLE)[number];
}
export type Invocation =
  | HelpInvocation
  | ListInvocation
  | StatusInvocation
  | ReadInvocation
  | PrintReceiptInvocation
  | PrintCertificateInvocation
  | TestInvocation
  | RecordInvocation
  | DetectInvocation;
