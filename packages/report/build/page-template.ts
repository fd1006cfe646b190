import { createHash } from 'node:crypto';
import type { Plugin, Rolldown } from 'vite';

/** The module that the compiled documents import as `#page-template`. */
const TEMPLATE_FILE = 'page-template.js';

/**
 * Inlines the script and the style of the one page into it, allows them by their hashes in its
 * Content-Security-Policy, and emits the whole as a module that exports it as text.
 */
export function pageTemplate(): Plugin {
  return {
    name: 'localize:page-template',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = takeAsset(bundle, '.html');
      const style = takeAsset(bundle, '.css');
      const script = takeScript(bundle);
      const source = `export const PAGE_TEMPLATE = ${JSON.stringify(composePage(page, style, script))};\n`;
      this.emitFile({ type: 'asset', fileName: TEMPLATE_FILE, source });
    },
  };
}

function composePage(page: string, style: string, script: string): string {
  // Inside a script element these two would end or confuse it; in a JavaScript string the backslash changes nothing.
  const safeScript = script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const parts: Record<string, string> = {
    SCRIPT_HASH: cspHash(safeScript),
    STYLE_HASH: cspHash(style),
    SCRIPT: `<script type="module">${safeScript}</script>`,
    STYLE: `<style>${style}</style>`,
  };
  return page
    .replace(/\s*<script type="module"[^>]*><\/script>/, '')
    .replace(/\s*<link rel="stylesheet"[^>]*>/, '')
    .replace(/@@(SCRIPT_HASH|STYLE_HASH|SCRIPT|STYLE)@@/g, (_, name: string) => parts[name] ?? '');
}

function cspHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function takeAsset(bundle: Rolldown.OutputBundle, extension: string): string {
  const [found, ...others] = Object.values(bundle).filter((file) => file.fileName.endsWith(extension));
  if (found?.type !== 'asset' || others.length > 0) throw new Error(`the page needs exactly one ${extension} file`);
  delete bundle[found.fileName];
  return typeof found.source === 'string' ? found.source : new TextDecoder().decode(found.source);
}

function takeScript(bundle: Rolldown.OutputBundle): string {
  const [found, ...others] = Object.values(bundle).filter((file) => file.type === 'chunk');
  if (!found || others.length > 0) throw new Error('the page needs exactly one script');
  delete bundle[found.fileName];
  return found.code;
}
