import { describe, expect, it } from 'vitest';
import { isPrivateHost } from '../../src/plan/private-host.js';
import { plan } from '../../testing/plan-from-text.js';

const head = 'version: 1\nbatch: b\n';
const job = (url: string, language = 'de') =>
  `  - { id: a-${language}, source: 'https://cdn.test/a.mp4', duration: 3s, tracks: { ${language}: { audio: '${url}', duration: 3s } } }\n`;
const told = (text: string, options = {}) =>
  plan(text, options).plan.warnings.filter((warning) => warning.includes('cannot reach'));

describe('media that a provider is to fetch', () => {
  it('are told of, once a host, where only this network knows the host', () => {
    const videos = `${job('https://nas.local/de.mp3')}${job('https://nas.local:8443/fr.mp3', 'fr')}${job('https://cdn.test/es.mp3', 'es')}`;
    expect(told(`${head}defaults: { provider: globex }\nvideos:\n${videos}`)).toEqual([
      '2 jobs with media on nas.local, which globex cannot reach from the internet: name the local files instead, or put them where the internet can read them',
    ]);
  });

  it('are not told of where the provider is on this network itself, or is the emulator', () => {
    const text = `${head}defaults: { provider: globex }\nvideos:\n${job('https://localhost/de.mp3')}`;
    expect(told(text)).toHaveLength(1);
    expect(told(text.replace('videos:', 'providers: { globex: { base_url: "https://10.1.2.3" } }\nvideos:'))).toEqual(
      [],
    );
    expect(told(text.replace('videos:', 'emulate: true\nvideos:'))).toEqual([]);
  });

  it('go through a bucket that the internet can reach, or it is said', () => {
    const text = (s3: string) =>
      `${head}defaults: { provider: globex }\nstaging: { s3: { bucket: b, region: auto, ${s3} } }\nvideos:\n  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3 } }\n`;
    expect(told(text('endpoint: "http://localhost:9000"'))).toEqual([
      'staging.s3.endpoint is on localhost, which globex cannot reach from the internet: providers fetch the files from there',
    ]);
    const open = 'endpoint: "http://localhost:9000", public_base_url: "https://files.test"';
    expect(told(text(open))).toEqual([]);
    expect(told(text('endpoint: "https://s3.test", public_base_url: "https://192.168.1.4/x"'))).toEqual([
      'staging.s3.public_base_url is on 192.168.1.4, which globex cannot reach from the internet: providers fetch the files from there',
    ]);
  });
});

describe('a host that only this machine or its network knows', () => {
  const hostOf = (url: string) => new URL(url).hostname;

  it.each([
    'https://localhost',
    'https://a.localhost',
    'https://nas',
    'https://nas.local',
    'https://build.internal',
    'https://box.lan',
    'https://tv.home.arpa',
    'https://127.0.0.1',
    'https://0x7f.1',
    'https://2130706433',
    'https://10.0.0.1',
    'https://172.16.0.1',
    'https://172.31.255.255',
    'https://192.168.1.1',
    'https://169.254.169.254',
    'https://100.64.0.1',
    'https://[::1]',
    'https://[fd00::1]',
    'https://[fe80::1]',
  ])('is %s', (url) => {
    expect(isPrivateHost(hostOf(url))).toBe(true);
  });

  it.each([
    'https://example.com',
    'https://localhost.example.com',
    'https://local.host',
    'https://11.0.0.1',
    'https://172.15.0.1',
    'https://172.32.0.1',
    'https://192.169.0.1',
    'https://100.63.0.1',
    'https://100.128.0.1',
    'https://[2001:db8::1]',
    'https://10.example.com',
    'https://fe80.example.com',
  ])('is not %s', (url) => {
    expect(isPrivateHost(hostOf(url))).toBe(false);
  });
});
