// Finds a camera by its label or its USB id, never by its number:  node camera.mjs 046d:0825 | simulated
import { openCamera, simulateCameras } from '@huimin/drivers/camera';

const [usb = 'simulated'] = process.argv.slice(2);
const simulated = usb === 'simulated' ? simulateCameras() : null;
simulated?.plugIn({ name: 'Face camera', usb: '046d:0825' });

const camera = openCamera({
  select: { usb: simulated ? '046d:0825' : usb },
  source: 'kernel', // Linux; elsewhere 'page' with reportDevices(labels)
  ...(simulated ? { videoClass: simulated.videoClass } : {}),
});
await new Promise((resolve) => {
  const look = ({ device }) => device !== 'starting' && resolve();
  camera.onStatus(look);
  look(camera.status);
});
// Pictures are taken in the page, which finds the same camera by this label.
console.log(camera.status.label ?? camera.status.device);

await camera.close();
simulated?.remove();
