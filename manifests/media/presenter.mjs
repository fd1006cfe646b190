// Draws the people of the demo videos as SVG, and tells which drawing each frame shows.
//
//   node presenter.mjs background <video>        SVG: everything but the people
//   node presenter.mjs sprites <person>          SVG: MOUTHS x 2 drawings below each other (eyes open, then closed)
//   node presenter.mjs frames <pcm> <seconds> <folder>   ffmpeg concat list: the mouth follows the voice's loudness
//   node presenter.mjs mask <video>              SVG: white where the mouth is
import { readFileSync } from 'node:fs';

const WIDTH = 1280;
const HEIGHT = 720;
const SPRITE = { width: 600, height: 640 };
const MOUTHS = 4;
const FRAMES_PER_SECOND = 25;

const people = {
  mara: { skin: '#f2c9a5', shade: '#e2ad84', hair: '#4a2f27', shirt: '#1d7f83', collar: '#f7fbfb', style: 'bob' },
  omar: { skin: '#c98f62', shade: '#b0774c', hair: '#2b1d16', shirt: '#e8772e', collar: '#ffd84d', style: 'helmet' },
  jun: { skin: '#f5d3b0', shade: '#e3b78d', hair: '#26222e', shirt: '#5b4bb5', collar: '#efeafd', style: 'glasses' },
  ines: { skin: '#8d5a3c', shade: '#76472d', hair: '#1c1414', shirt: '#c2466b', collar: '#fdeef3', style: 'curls' },
};

const videos = {
  welcome: { title: 'Welcome', line: 'Your first day with us', from: '#d9f2ee', to: '#7cc6bf', ink: '#0f4f52', at: [[340, 0]] },
  safety: { title: 'Safety first', line: 'Three rules for everyone on site', from: '#fff1d6', to: '#f6b866', ink: '#7a3b06', at: [[340, 0]] },
  product: { title: 'The product', line: 'Light, quiet, ready in a minute', from: '#ebe6fb', to: '#a99ae6', ink: '#33267d', at: [[340, 0]] },
  interview: { title: 'Interview', line: 'Two colleagues, one question', from: '#e4eefb', to: '#8fb4e3', ink: '#1d3d6b', at: [[30, 40], [650, 40]] },
};

const svg = (width, height, body) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${body}</svg>`;

function background(name) {
  const { title, line, from, to, ink } = videos[name];
  const dots = Array.from({ length: 9 }, (_, i) => {
    const x = (i * 173 + 60) % WIDTH;
    const y = (i * 97 + 50) % 420;
    return `<circle cx="${x}" cy="${y}" r="${24 + ((i * 31) % 60)}" fill="#fff" opacity="${0.1 + (i % 3) * 0.06}"/>`;
  }).join('');
  return svg(
    WIDTH,
    HEIGHT,
    `<defs>
      <radialGradient id="sky" cx="50%" cy="38%" r="80%"><stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></radialGradient>
    </defs>
    <rect width="100%" height="100%" fill="url(#sky)"/>${dots}
    ${prop(name, ink)}
    <rect y="560" width="100%" height="160" fill="${ink}" opacity="0.10"/>`,
  );
}

/** Something in the room that says what the video is about. */
function prop(name, ink) {
  if (name === 'welcome') {
    return `<g transform="translate(120 150)"><rect width="170" height="230" rx="14" fill="#fff" opacity=".75"/>
      <path d="M20 190 L70 110 L105 160 L125 135 L150 190 Z" fill="${ink}" opacity=".45"/><circle cx="115" cy="65" r="24" fill="#ffd27a"/></g>
      <g transform="translate(1060 330)"><path d="M30 230 L40 150 H110 L120 230 Z" fill="#d98b5f"/>
      <path d="M75 150 C10 120 0 60 20 10 C60 40 80 90 75 150 C75 80 100 30 140 15 C150 80 120 130 75 150Z" fill="#2f8f6b"/></g>`;
  }
  if (name === 'safety') {
    return `<g transform="translate(110 160)"><path d="M110 0 L220 190 H0 Z" fill="#ffd84d" stroke="${ink}" stroke-width="14" stroke-linejoin="round"/>
      <rect x="100" y="65" width="20" height="70" rx="8" fill="${ink}"/><circle cx="110" cy="158" r="12" fill="${ink}"/></g>
      <g transform="translate(1010 170)"><rect width="170" height="120" rx="12" fill="#2f9e62"/>
      <path d="M35 60 H115 M88 30 L120 60 L88 90" stroke="#fff" stroke-width="16" fill="none" stroke-linecap="round" stroke-linejoin="round"/></g>`;
  }
  if (name === 'product') {
    return `<g transform="translate(985 250)"><rect x="20" y="190" width="190" height="26" rx="13" fill="${ink}" opacity=".35"/>
      <rect x="45" width="140" height="200" rx="30" fill="#fff"/><circle cx="115" cy="75" r="42" fill="${ink}"/><circle cx="115" cy="75" r="20" fill="#a99ae6"/>
      <rect x="80" y="145" width="70" height="14" rx="7" fill="#c9c0f0"/></g>
      <g transform="translate(100 170)"><rect width="200" height="210" rx="18" fill="#fff" opacity=".8"/>
      <g fill="none" stroke="${ink}" stroke-width="10" stroke-linecap="round" stroke-linejoin="round" opacity=".75"><path d="M30 52 l12 13 l22 -26 M92 54 H168"/><path d="M30 107 l12 13 l22 -26 M92 109 H150"/><path d="M30 162 l12 13 l22 -26 M92 164 H160"/></g></g>`;
  }
  return `<rect x="632" y="70" width="16" height="440" rx="8" fill="#fff" opacity=".45"/>
    <g transform="translate(560 90)"><path d="M0 0 H160 a20 20 0 0 1 20 20 V80 a20 20 0 0 1 -20 20 H70 L35 135 V100 H0 a20 20 0 0 1 -20 -20 V20 a20 20 0 0 1 20 -20Z" fill="#fff" opacity=".9"/>
    <text x="80" y="72" font-size="64" text-anchor="middle" font-family="DejaVu Sans, sans-serif" font-weight="700" fill="${ink}">?</text></g>`;
}

/** The band with the title, above the people. */
function caption(name) {
  const { title, line, ink } = videos[name];
  return svg(
    WIDTH,
    HEIGHT,
    `<g transform="translate(64 574)"><rect width="500" height="106" rx="18" fill="#fff" opacity=".93"/><rect width="14" height="106" rx="7" fill="${ink}"/>
    <g font-family="DejaVu Sans, Liberation Sans, sans-serif" fill="${ink}"><text x="40" y="50" font-size="40" font-weight="700">${title}</text>
    <text x="40" y="86" font-size="23" opacity=".8">${line}</text></g></g>`,
  );
}

const mouthAt = { x: 300, y: 338 };

function mouth(level) {
  const { x, y } = mouthAt;
  if (level === 0) return `<path d="M${x - 34} ${y} Q${x} ${y + 20} ${x + 34} ${y}" stroke="#8e3b3b" stroke-width="7" fill="none" stroke-linecap="round"/>`;
  const tall = [0, 11, 20, 29][level];
  const wide = [0, 30, 33, 30][level];
  return `<ellipse cx="${x}" cy="${y + 6}" rx="${wide}" ry="${tall}" fill="#6d2028"/>
    <path d="M${x - wide + 6} ${y + 6 - tall * 0.45} Q${x} ${y + 2 - tall * 0.7} ${x + wide - 6} ${y + 6 - tall * 0.45} L${x + wide - 8} ${y + 6 - tall * 0.2} Q${x} ${y + 6} ${x - wide + 8} ${y + 6 - tall * 0.2}Z" fill="#fff"/>
    <ellipse cx="${x}" cy="${y + 6 + tall * 0.6}" rx="${wide * 0.55}" ry="${tall * 0.32}" fill="#d9656b"/>`;
}

function eyes(closed) {
  if (closed) {
    return [232, 368].map((x) => `<path d="M${x - 20} 232 Q${x} 244 ${x + 20} 232" stroke="#3a2a26" stroke-width="6" fill="none" stroke-linecap="round"/>`).join('');
  }
  return [232, 368]
    .map((x) => `<ellipse cx="${x}" cy="230" rx="22" ry="18" fill="#fff"/><circle cx="${x + 1}" cy="231" r="11" fill="#3a2a26"/><circle cx="${x + 5}" cy="227" r="4" fill="#fff"/>`)
    .join('');
}

function hairBehind({ style, hair }) {
  if (style === 'bob') return `<path d="M300 40 C140 36 118 190 128 300 C130 372 160 396 190 396 H410 C440 396 470 372 472 300 C482 190 460 36 300 40Z" fill="${hair}"/>`;
  if (style === 'curls') {
    const curls = [[170, 190], [150, 260], [165, 330], [200, 120], [265, 80], [335, 80], [400, 120], [430, 190], [450, 260], [435, 330]];
    return curls.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="62" fill="${hair}"/>`).join('');
  }
  return '';
}

function hairInFront({ style, hair }) {
  if (style === 'bob') return `<path d="M150 236 C146 96 220 66 300 66 C384 66 454 100 450 236 C440 200 404 172 372 148 C316 190 230 190 196 176 C178 190 160 206 150 236Z" fill="${hair}"/>`;
  if (style === 'curls') return [[205, 130], [255, 108], [305, 100], [355, 108], [400, 132]].map(([x, y]) => `<circle cx="${x}" cy="${y}" r="42" fill="${hair}"/>`).join('');
  if (style === 'helmet') {
    return `<g transform="translate(0 -16)"><path d="M150 172 C150 70 220 26 300 26 C380 26 450 70 450 172 Z" fill="#ffd23f"/><path d="M270 28 h60 v144 h-60Z" fill="#f5b912"/>
      <rect x="124" y="160" width="352" height="30" rx="15" fill="#f5b912"/></g>
      <path d="M240 300 Q300 280 360 300 Q352 312 300 308 Q248 312 240 300Z" fill="${hair}"/>`;
  }
  return `<path d="M158 214 C140 96 220 58 300 58 C392 56 462 104 442 214 C436 180 424 164 404 150 C350 166 280 150 250 130 C226 160 176 168 158 214Z" fill="${hair}"/>
    <g fill="none" stroke="#2b2940" stroke-width="7"><rect x="194" y="202" width="78" height="58" rx="22"/><rect x="328" y="202" width="78" height="58" rx="22"/><path d="M272 226 Q300 214 328 226"/></g>`;
}

function person(id, level, closed) {
  const look = people[id];
  const { skin, shade, hair, shirt, collar } = look;
  return `${hairBehind(look)}
    <path d="M40 640 C44 500 150 458 240 446 H360 C450 458 556 500 560 640Z" fill="${shirt}"/>
    <path d="M246 380 V452 Q300 506 354 452 V380Z" fill="${shade}"/>
    <path d="M232 444 L300 520 L250 560 L206 452Z M368 444 L300 520 L350 560 L394 452Z" fill="${collar}"/>
    <ellipse cx="152" cy="250" rx="22" ry="34" fill="${shade}"/><ellipse cx="448" cy="250" rx="22" ry="34" fill="${shade}"/>
    <path d="M156 210 C156 110 220 80 300 80 C380 80 444 110 444 210 C444 330 390 420 300 420 C210 420 156 330 156 210Z" fill="${skin}"/>
    <circle cx="205" cy="300" r="30" fill="#e8837a" opacity=".22"/><circle cx="395" cy="300" r="30" fill="#e8837a" opacity=".22"/>
    <path d="M204 190 Q232 174 260 188 M340 188 Q368 174 396 190" stroke="${hair}" stroke-width="9" fill="none" stroke-linecap="round"/>
    ${eyes(closed)}
    <path d="M300 240 Q286 282 300 288 Q310 290 316 284" stroke="${shade}" stroke-width="7" fill="none" stroke-linecap="round"/>
    ${hairInFront(look)}${mouth(level)}`;
}

function sprites(id) {
  const drawings = [];
  for (const closed of [false, true]) {
    for (let level = 0; level < MOUTHS; level++) {
      drawings.push(`<g transform="translate(0 ${drawings.length * SPRITE.height})">${person(id, level, closed)}</g>`);
    }
  }
  return svg(SPRITE.width, SPRITE.height * MOUTHS * 2, drawings.join(''));
}

function mask(name) {
  const spots = videos[name].at.map(([x, y]) => `<ellipse cx="${x + mouthAt.x}" cy="${y + 84 + mouthAt.y + 6}" rx="92" ry="66" fill="#fff"/>`);
  return svg(WIDTH, HEIGHT, `<rect width="100%" height="100%" fill="#000"/>${spots.join('')}`);
}

/** One line a frame. `pcm` is the voice as signed 16 bit mono at 16 kHz. */
function frames(pcmPath, seconds, folder) {
  const bytes = readFileSync(pcmPath);
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
  const perFrame = 16000 / FRAMES_PER_SECOND;
  const lines = ['ffconcat version 1.0'];
  for (let frame = 0; frame < Math.round(seconds * FRAMES_PER_SECOND); frame++) {
    const part = samples.subarray(frame * perFrame, (frame + 1) * perFrame);
    const loudness = Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / (part.length || 1)) / 32768;
    const level = loudness < 0.012 ? 0 : loudness < 0.06 ? 1 : loudness < 0.13 ? 2 : 3;
    const closed = frame % 68 >= 40 && frame % 68 < 44 ? MOUTHS : 0;
    lines.push(`file ${folder}/${level + closed}.png`, `duration ${1 / FRAMES_PER_SECOND}`);
  }
  return lines.join('\n');
}

const [what, ...rest] = process.argv.slice(2);
const draw = { background, caption, sprites, mask, frames };
process.stdout.write(`${draw[what](...rest)}\n`);
