import { type Link, linkEnds } from '../../transport/index.ts';
import { type HidDevice, plugInHidDevice } from './uhid.ts';

export const REPORT_BYTES = 64;

/** A vendor page with one unnumbered input and one output report of 64 bytes, as HID card readers have. */
const VENDOR_REPORTS = Uint8Array.of(
  ...[0x06, 0x00, 0xff, 0x09, 0x01, 0xa1, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, REPORT_BYTES],
  ...[0x09, 0x01, 0x81, 0x02, 0x09, 0x01, 0x91, 0x02, 0xc0],
);

/** A HID device 10c4:0007, and the reports that pass as its firmware sees them: without the id that it has not got. */
export function plugInVendorHid(): { readonly device: HidDevice; readonly link: Link } {
  const ends = linkEnds();
  const device = plugInHidDevice({
    name: 'vendor',
    vendorId: 0x10c4,
    productId: 0x0007,
    reportDescriptor: VENDOR_REPORTS,
    onOutput: (report) => ends.receive(report.subarray(1)),
  });
  const link: Link = {
    write: async (bytes) => device.input(bytes),
    onData: ends.onData,
    onClose: ends.onClose,
    close: async () => ends.end('closed'),
  };
  return { device, link };
}
