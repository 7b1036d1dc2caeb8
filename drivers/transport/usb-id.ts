/** Vendor and product id of a USB device, 0 to 65535 each. */
export interface UsbId {
  readonly vendorId: number;
  readonly productId: number;
}

/** From `vvvv:pppp`, hexadecimal; the configuration's schema has checked the form. */
export function parseUsbId(text: string): UsbId {
  const [vendor = '', product = ''] = text.split(':');
  return { vendorId: Number.parseInt(vendor, 16), productId: Number.parseInt(product, 16) };
}

const hex4 = (value: number): string => value.toString(16).padStart(4, '0');

/** As `lsusb` writes it. */
export const formatUsbId = ({ vendorId, productId }: UsbId): string => `${hex4(vendorId)}:${hex4(productId)}`;

/** What a Linux administrator has to allow, in one line for /etc/udev/rules.d; empty elsewhere. */
export function udevRemedy(kind: 'hid' | 'usb', id: UsbId, platform: NodeJS.Platform): string | undefined {
  if (platform !== 'linux') return undefined;
  const [vendor, product] = [hex4(id.vendorId), hex4(id.productId)];
  const match =
    kind === 'hid'
      ? `KERNEL=="hidraw*", ATTRS{idVendor}=="${vendor}", ATTRS{idProduct}=="${product}"`
      : `SUBSYSTEM=="usb", ATTR{idVendor}=="${vendor}", ATTR{idProduct}=="${product}"`;
  return `it needs a udev rule: ${match}, MODE="0660", GROUP="dialout"`;
}
