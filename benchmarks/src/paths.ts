import { fileURLToPath } from 'node:url';

const built = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The command as users start it. */
export const LOCALIZE = built('../../localize');
export const EMULATOR = built('../../packages/emulator/dist/main.js');
export const RESULTS = built('../RESULTS.md');
/** Two seconds of H.264 without sound, some 3 kB: what is measured is the work around a video, not its bytes. */
export const FACE = built('../media/face.mp4');
/** A voice of five seconds. */
export const VOICE = built('../../manifests/media/audio/de/welcome.mp3');
export const USAGE_HOOK = built('./measure/report-usage.js');
export const CURL_JOB = built('../rivals/curl-job.sh');
export const rival = (name: string) => built(`./rivals/${name}.js`);
