import type { CameraSource } from '../../bridge/index.ts';

/** The largest picture that leaves the page, in pixels. */
const widest = 640;
const tallest = 480;
const quality = 0.85;
const stillEveryMs = 125;
/** A camera that shows nothing for this long has failed. */
const patienceMs = 8000;

/** A live camera: draws itself onto a canvas until it is closed. */
export interface LiveCamera {
  close(): void;
}

interface CameraEvents {
  /** The first picture is there. */
  onReady(): void;
  onFailed(): void;
}

/** Scales into the largest picture allowed, never up. */
export function fitted(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, widest / width, tallest / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** Shows the camera on the canvas. Closing it ends the stream and wipes the canvas. */
export function showCamera(
  source: CameraSource,
  canvas: HTMLCanvasElement,
  events: CameraEvents,
): LiveCamera {
  const ended = new AbortController();
  const { signal } = ended;
  let ready = false;
  const fail = (): void => {
    if (!signal.aborted && !ready) events.onFailed();
  };
  const draw = (picture: CanvasImageSource, width: number, height: number): void => {
    const context = canvas.getContext('2d');
    if (signal.aborted || width === 0 || height === 0 || context === null) return;
    const size = fitted(width, height);
    if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
    context.drawImage(picture, 0, 0, size.width, size.height);
    if (!ready) {
      ready = true;
      events.onReady();
    }
  };
  const patience = setTimeout(fail, patienceMs);
  const running =
    source.kind === 'stills' ? drawStills(source.href, draw, signal) : drawDevice(source.label, draw, signal);
  running.catch(fail);
  return {
    close: () => {
      clearTimeout(patience);
      ended.abort();
      canvas.getContext('2d')?.clearRect(0, 0, canvas.width, canvas.height);
      Object.assign(canvas, { width: 0, height: 0 });
    },
  };
}

type Draw = (picture: CanvasImageSource, width: number, height: number) => void;

async function drawStills(href: string, draw: Draw, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answer = await fetch(href, { cache: 'no-store', signal });
    if (answer.ok) {
      const picture = await decoded(await answer.blob());
      draw(picture, picture.naturalWidth, picture.naturalHeight);
    }
    await new Promise((resolve) => setTimeout(resolve, stillEveryMs));
  }
}

/** Any kind of picture the page can show: unlike createImageBitmap, an image element reads SVG as well. */
async function decoded(blob: Blob): Promise<HTMLImageElement> {
  const address = URL.createObjectURL(blob);
  try {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    return picture;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Opens the camera of that label: the order of cameras changes from start to start, their labels do not. */
async function drawDevice(label: string, draw: Draw, signal: AbortSignal): Promise<void> {
  const stop = (stream: MediaStream): void => {
    for (const track of stream.getTracks()) track.stop();
  };
  // Labels are told only after leave to use a camera was given once.
  stop(await navigator.mediaDevices.getUserMedia({ video: true }));
  const devices = await navigator.mediaDevices.enumerateDevices();
  const device = devices.find((found) => found.kind === 'videoinput' && found.label.includes(label));
  if (device === undefined) throw new Error('no camera of that label');
  if (signal.aborted) return;
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { deviceId: { exact: device.deviceId }, width: widest, height: tallest },
  });
  signal.addEventListener('abort', () => stop(stream), { once: true });
  if (signal.aborted) return stop(stream);
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = stream;
  await video.play();
  const frame = (): void => {
    if (signal.aborted) {
      video.srcObject = null;
      return;
    }
    draw(video, video.videoWidth, video.videoHeight);
    requestAnimationFrame(frame);
  };
  frame();
}

/** The canvas's picture as base64 JPEG, or null when there is none. */
export async function capture(canvas: HTMLCanvasElement): Promise<string | null> {
  if (canvas.width === 0) return null;
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
  if (blob === null) return null;
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  bytes.fill(0);
  return btoa(binary);
}
