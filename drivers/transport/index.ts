export {
  type HidConfig,
  hidConfigSchema,
  type SerialConfig,
  serialBaudRates,
  serialConfigSchema,
  type TransportConfig,
  type TransportSource,
  tcpConfigSchema,
  transportConfigSchema,
  transportSourceSchema,
  type UsbConfig,
  type UsblpConfig,
  usbConfigSchema,
  usbDeviceSchema,
  usblpConfigSchema,
} from './config.ts';
export { faultyTransport, type LinkFaults } from './faulty.ts';
export { hidTransport } from './hid.ts';
export { electronPortHosts, type ParentPort } from './host/electron.ts';
export { type ForkedPortHost, forkPortHost } from './host/fork.ts';
export type { MessagePortLike } from './host/message-port.ts';
export type { PortHost, StartPortHost } from './host/process.ts';
export { type HostedOptions, hostedTransport, type PortProcess, portProcess } from './hosted.ts';
export type { Link, Transport } from './link.ts';
export { type LinkEnds, linkEnds } from './link-ends.ts';
export { type ManualClock, manualClock } from './manual-clock.ts';
export { type MemoryPeer, memoryTransport } from './memory.ts';
export { lineTimeMs, type PacedLink, pacedWriter } from './pacing.ts';
export {
  encodePcscFrame,
  type PcscFailure,
  type PcscFrame,
  type PcscReader,
  pcscFrameParser,
} from './pcsc/frames.ts';
export type { PcscConfig } from './pcsc/pcsc.ts';
export { type FoundPort, type ListPortsOptions, listPorts, listPortsIn, type PortListing } from './ports.ts';
export { openPty, type Pty } from './pty.ts';
export { type LinkReason, linkReason, sentences } from './reasons.ts';
export { type SerialOptions, serialTransport } from './serial.ts';
export { type TcpOptions, tcpTransport } from './tcp.ts';
export { transportOf } from './transport-of.ts';
export { usbTransport } from './usb.ts';
export { usblpTransport } from './usblp.ts';
