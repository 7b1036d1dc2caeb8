/** A receipt printer made of software, and the ports it can stand behind. */

export { RECEIPT_PRINTER_FAULTS, type ReceiptPrinterFault } from './faults.ts';
export {
  type SimulatedReceiptPrinterPort,
  type SimulatedReceiptPrinterPortOptions,
  simulateReceiptPrinterOn,
  startSimulatedReceiptPrinter,
} from './simulated-port.ts';
export {
  type ReceiptPrinterMechanism,
  type SimulatedReceiptPrinterOptions,
  simulateReceiptPrinter,
} from './simulator.ts';
