import {
  type AudioCodec,
  AudioSample,
  AudioSampleSink,
  AudioSampleSource,
  EncodedPacketSink,
  NullTarget,
  Output,
  PCM_AUDIO_CODECS,
  WavOutputFormat,
} from 'mediabunny';
import { explainErrors } from '../open-media.js';
import type { Voice } from './copied-sound.js';

/** How mixed sound is laid out: 32 bit floats, channels interleaved. */
export interface PcmFormat {
  sampleRate: number;
  channels: number;
}

/** True for what can be decoded here: PCM in all its forms, and MP3. There is no AAC decoder under a free licence. */
export function canDecode(codec: AudioCodec): boolean {
  return codec === 'mp3' || isPcm(codec);
}

/** The sound of one voice from its beginning, decoded, in the wanted format, in chunks of any length. */
export async function* decodeVoice(voice: Voice, format: PcmFormat): AsyncGenerator<Float32Array, void, undefined> {
  const chunks: Float32Array[] = [];
  // A "file" of PCM that nobody keeps: the library's way to resample and to change the number of channels.
  const output = new Output({ format: new WavOutputFormat(), target: new NullTarget() });
  const source = new AudioSampleSource({
    codec: 'pcm-f32',
    transform: { sampleRate: format.sampleRate, numberOfChannels: format.channels, sampleFormat: 'f32' },
    onEncodedPacket: ({ data }) => {
      // A copy, since the bytes may lie where no Float32Array can begin.
      chunks.push(new Float32Array(data.slice().buffer));
    },
  });
  output.addAudioTrack(source);
  await output.start();
  try {
    const samples = isPcm(voice.codec) ? new AudioSampleSink(voice.track).samples(0) : decodeMp3(voice);
    for await (const sample of explainErrors(voice.media, samples)) {
      await source.add(sample);
      sample.close();
      yield* chunks.splice(0);
    }
    await output.finalize();
    yield* chunks.splice(0);
  } finally {
    if (output.state === 'started') await output.cancel();
  }
}

async function* decodeMp3(voice: Voice): AsyncGenerator<AudioSample, void, undefined> {
  const { MPEGDecoder } = await import('mpg123-decoder');
  // On this thread: starting a worker costs more than decoding a minute of speech.
  const decoder = new MPEGDecoder({ enableGapless: false });
  await decoder.ready;
  try {
    let timestamp = 0;
    for await (const packet of new EncodedPacketSink(voice.track).packets()) {
      const { channelData, samplesDecoded, sampleRate } = decoder.decodeFrame(packet.data);
      if (samplesDecoded === 0) continue;
      const data = new Float32Array(samplesDecoded * channelData.length);
      for (const [channel, values] of channelData.entries()) data.set(values, channel * samplesDecoded);
      yield new AudioSample({
        data,
        format: 'f32-planar',
        numberOfChannels: channelData.length,
        sampleRate,
        timestamp,
      });
      timestamp += samplesDecoded / sampleRate;
    }
  } finally {
    decoder.free();
  }
}

function isPcm(codec: AudioCodec): boolean {
  return (PCM_AUDIO_CODECS as readonly string[]).includes(codec);
}
