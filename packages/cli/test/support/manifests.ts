/** Two jobs on two providers, on the emulator. */
export const SMALL = `version: 1
batch: small
emulate: true
videos:
  - id: safety
    source: ./media/safety.mp4
    tracks:
      de: { audio: ./media/audio/de/safety.mp3, provider: eachlabs }
      fr: { audio: ./media/audio/fr/safety.mp3, provider: wavespeed/infinitetalk }
`;

/** The same for providers at `url`, an emulator that somebody else has started. */
export function smallAt(endpoints: { eachlabs: string; wavespeed: string }): string {
  return SMALL.replace(
    'emulate: true\n',
    `providers:
  eachlabs: { base_url: ${endpoints.eachlabs}, keys: [EACHLABS_API_KEY], poll: { first: 1s, every: 1s } }
  wavespeed: { base_url: ${endpoints.wavespeed}, keys: [WAVESPEED_API_KEY], poll: { first: 1s, every: 1s } }
`,
  );
}
