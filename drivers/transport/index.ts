export { faultyTransport, type LinkFaults } from './faulty.ts';
export type { Link, Transport } from './link.ts';
export { type ManualClock, manualClock } from './manual-clock.ts';
export { type MemoryPeer, memoryTransport } from './memory.ts';
export { lineTimeMs, type PacedLink, pacedWriter } from './pacing.ts';
export { openPty, type Pty } from './pty.ts';
export { type SerialOptions, serialTransport } from './serial.ts';
export { type TcpOptions, tcpTransport } from './tcp.ts';
