// Stands for the package `smartcard` where the service goes away behind an open context: what is named in
// PCSC_FAILS throws, everything else works.
const fail = (what) => {
  if (process.env.PCSC_FAILS === what) throw new Error(`${what}: service not available`);
};
module.exports = {
  Context: class {
    listReaders() {
      fail('listReaders');
      return [];
    }
    close() {
      throw new Error('close: service not available');
    }
  },
  ReaderMonitor: class {
    start() {
      fail('start');
    }
    stop() {
      throw new Error('stop: service not available');
    }
  },
  SCARD_STATE_PRESENT: 0x20,
  SCARD_SHARE_SHARED: 2,
  SCARD_PROTOCOL_T0: 1,
  SCARD_PROTOCOL_T1: 2,
};
