import { render } from 'preact';
import { Page } from './page.js';
import { readPageData } from './read-page-data.js';
import { ReviewerPage } from './reviewer-page.js';

const root = document.getElementById('report');
if (root) {
  const data = readPageData();
  render(data.audience === 'reviewer' ? <ReviewerPage data={data} /> : <Page data={data} />, root);
}
