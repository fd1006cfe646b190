/** Made from `app/` by `vite build`, as `dist/page-template.js`. */
declare module '#page-template' {
  /** The whole page with placeholders for its title, media sources and data. */
  export const PAGE_TEMPLATE: string;
}
