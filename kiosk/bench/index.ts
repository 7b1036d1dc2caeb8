export { type Bench, type BenchDevices, type BenchNetwork, type BenchOptions, createBench } from './bench.ts';
export { type Person, parsePeople, type Resident, readPeople, type StaffMember } from './people.ts';
export { DEVICE_NAMES, type DeviceName } from './wire.ts';
