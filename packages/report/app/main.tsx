import { render } from 'preact';
import { Page } from './page.js';
import { readPageData } from './read-page-data.js';

const root = document.getElementById('report');
if (root) render(<Page data={readPageData()} />, root);
