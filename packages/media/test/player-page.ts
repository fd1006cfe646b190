/** Functions that run inside a page. They may use nothing from outside themselves. */

interface Counters {
  webkitDecodedFrameCount: number;
  webkitAudioDecodedByteCount: number;
}

/** Plays a video for most of a second, then its last part to the end. */
export async function play(url: string) {
  const video = document.createElement('video') as HTMLVideoElement & Counters;
  video.src = url;
  video.volume = 0.01;
  document.body.append(video);
  const until = async (done: () => boolean, limitMs: number) => {
    const limit = performance.now() + limitMs;
    while (!done() && video.error === null && performance.now() < limit) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await video.play().catch(() => {});
  await until(() => video.currentTime > 0.7, 10_000);
  const reached = video.currentTime;
  const frames = video.webkitDecodedFrameCount;
  const audioBytes = video.webkitAudioDecodedByteCount;
  video.currentTime = Math.max(video.currentTime, video.duration - 0.4);
  await until(() => video.ended, 10_000);
  const result = {
    duration: video.duration,
    reached,
    frames,
    audioBytes,
    ended: video.ended,
    error: video.error === null ? null : video.error.message || `code ${video.error.code}`,
  };
  video.remove();
  return result;
}

/** Decodes the sound of a file and tells how loud a low (300 Hz) and a high (900 Hz) tone are in every half second. */
export async function decode(url: string) {
  const bytes = await (await fetch(url)).arrayBuffer();
  const sound = await new OfflineAudioContext(1, 48_000, 48_000).decodeAudioData(bytes);
  const samples = sound.getChannelData(0);
  const length = 24_000;
  const level = (start: number, hertz: number) => {
    let real = 0;
    let imaginary = 0;
    for (let i = 0; i < length; i++) {
      const angle = (2 * Math.PI * hertz * i) / 48_000;
      real += samples[start + i]! * Math.cos(angle);
      imaginary += samples[start + i]! * Math.sin(angle);
    }
    return (2 * Math.hypot(real, imaginary)) / length;
  };
  const windows: { low: number; high: number }[] = [];
  for (let start = 0; start + length <= samples.length; start += length) {
    windows.push({ low: level(start, 300), high: level(start, 900) });
  }
  return { seconds: sound.duration, windows };
}
