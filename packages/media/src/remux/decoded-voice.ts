import { AudioSampleSource, NullTarget, Output, WavOutputFormat } from 'mediabunny';
import { decodeSound } from '../decode/decoded-sound.js';
import { explainErrors } from '../open-media.js';
import type { Voice } from './copied-sound.js';

/** How mixed sound is laid out: 32 bit floats, channels interleaved. */
export interface PcmFormat {
  sampleRate: number;
  channels: number;
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
    const samples = decodeSound(voice.track, { codec: voice.codec, config: voice.config, strict: false });
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
