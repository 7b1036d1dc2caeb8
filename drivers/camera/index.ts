export type { Camera, CameraCapabilities, CameraEvent, CameraStatus } from './camera.ts';
export { type CameraConfig, cameraConfigSchema } from './config.ts';
export { type CameraContext, cameraChecks } from './conformance.ts';
export { openCamera } from './driver.ts';
export { listKernelCameras, VIDEO_CLASS } from './kernel-cameras.ts';
export { type CameraChoice, type CameraSelection, chooseCamera, labelOf, matches, partsOf } from './match.ts';
export { type SimulatedCamera, type SimulatedCameras, simulateCameras } from './simulator.ts';
