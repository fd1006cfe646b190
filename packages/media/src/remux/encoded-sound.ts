import { AudioSample, AudioSampleSource, Mp4OutputFormat, NullTarget, Output } from 'mediabunny';
import type { Voice } from './copied-sound.js';
import { decodeVoice, type PcmFormat } from './decoded-voice.js';
import type { SoundTrack, TrackPacket } from './packet-track.js';

const BITRATE_PER_CHANNEL = 96_000;

/** Samples that an AAC encoder puts before the first one it was given; the container trims what is before zero. */
const PRIMING = 1024;

/** Frames that are mixed at a time. */
const BLOCK = 4096;

/** Two voices at full level don't clip, and one alone stays about as loud as it was. */
const GAIN_TOGETHER = Math.SQRT1_2;

/** Sample rates that every AAC decoder takes; speech is not made better by more. */
const SAMPLE_RATES = [16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

type SoundPacket = TrackPacket<EncodedAudioChunkMetadata>;

/**
 * One AAC track of all voices, each where it lies, mixed where they lie at once. Every voice must be decodable. The
 * encoder runs in a worker that lives as long as the track is being read.
 */
export function encodeSound(voices: readonly Voice[], endSeconds: number): SoundTrack {
  return { codec: 'aac', packets: () => encode(voices, endSeconds) };
}

async function* encode(voices: readonly Voice[], endSeconds: number): AsyncGenerator<SoundPacket, void, undefined> {
  await registerEncoder();
  const format = commonFormat(voices);
  const ready: SoundPacket[] = [];
  const output = new Output({ format: new Mp4OutputFormat({ fastStart: 'fragmented' }), target: new NullTarget() });
  const source = new AudioSampleSource({
    codec: 'aac',
    bitrate: BITRATE_PER_CHANNEL * format.channels,
    onEncodedPacket: (packet, meta) => {
      const timestamp = packet.timestamp - PRIMING / format.sampleRate;
      if (timestamp >= endSeconds) return;
      const duration = Math.min(packet.duration, endSeconds - timestamp);
      ready.push({ packet: packet.clone({ timestamp, duration }), ...(meta === undefined ? {} : { meta }) });
    },
  });
  output.addAudioTrack(source);
  await output.start();
  try {
    for await (const sample of mix(voices, format, endSeconds)) {
      await source.add(sample);
      sample.close();
      yield* ready.splice(0);
    }
    await output.finalize();
    yield* ready.splice(0);
  } finally {
    if (output.state === 'started') await output.cancel();
  }
}

let registered: Promise<void> | undefined;

/** Loaded at first use, since most sound is copied. */
function registerEncoder(): Promise<void> {
  registered ??= import('@mediabunny/aac-encoder').then(({ registerAacEncoder }) => registerAacEncoder());
  return registered;
}

function commonFormat(voices: readonly Voice[]): PcmFormat {
  const highest = Math.max(...voices.map((voice) => voice.config.sampleRate));
  return {
    sampleRate: SAMPLE_RATES.find((rate) => rate >= highest) ?? 48_000,
    channels: Math.min(2, Math.max(...voices.map((voice) => voice.config.numberOfChannels))),
  };
}

/** The sum of the voices, silence where nobody speaks, exactly `endSeconds` long or as long as the last voice. */
async function* mix(voices: readonly Voice[], format: PcmFormat, endSeconds: number): AsyncGenerator<AudioSample> {
  const { sampleRate, channels } = format;
  const toFrame = (seconds: number) => Math.round(seconds * sampleRate);
  const total = toFrame(Math.min(endSeconds, Math.max(...voices.map((voice) => voice.endSeconds))));
  const overlap = voices.some((a) =>
    voices.some((b) => a !== b && a.startSeconds < b.endSeconds - 0.001 && b.startSeconds < a.endSeconds - 0.001),
  );
  const parts = voices.map((voice) => ({
    start: toFrame(voice.startSeconds + voice.pauseSeconds),
    end: toFrame(voice.endSeconds),
    reader: createReader(decodeVoice(voice, format), channels),
  }));
  try {
    for (let frame = 0; frame < total; frame += BLOCK) {
      const frames = Math.min(BLOCK, total - frame);
      const data = new Float32Array(frames * channels);
      for (const { start, end, reader } of parts) {
        const from = Math.max(start, frame);
        const to = Math.min(end, frame + frames);
        if (from < to)
          await reader.addTo(
            data.subarray((from - frame) * channels, (to - frame) * channels),
            overlap ? GAIN_TOGETHER : 1,
          );
      }
      yield new AudioSample({
        data,
        format: 'f32',
        numberOfChannels: channels,
        sampleRate,
        timestamp: frame / sampleRate,
      });
    }
  } finally {
    for (const { reader } of parts) await reader.close();
  }
}

/** Reads chunks of any length as blocks of the wanted length. */
function createReader(chunks: AsyncGenerator<Float32Array, void, undefined>, channels: number) {
  let rest = new Float32Array(0);
  return {
    /** Adds the next samples to `target`, at most up to full level; adds nothing once the sound is over. */
    async addTo(target: Float32Array, gain: number): Promise<void> {
      for (let at = 0; at < target.length; ) {
        if (rest.length < channels) {
          const next = await chunks.next();
          if (next.done) return;
          rest = next.value as Float32Array<ArrayBuffer>;
        }
        const count = Math.min(rest.length, target.length - at);
        for (let i = 0; i < count; i++) {
          target[at + i] = Math.max(-1, Math.min(1, target[at + i]! + rest[i]! * gain));
        }
        rest = rest.subarray(count);
        at += count;
      }
    },
    close: () => chunks.return(),
  };
}
